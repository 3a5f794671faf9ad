import { describe, expect, it } from 'vitest'
import { tokenizer } from '../../test/support/tasks.ts'
import { frame, KIND, lexiconOf, wordsFrom, write } from './continuation.ts'
import type { TaskModel } from './task.ts'

const model = { tokenizer, maxLength: 512 } as unknown as TaskModel
const shown = (ids: Int32Array) => tokenizer.decode(ids)

describe('frame', () => {
  it('puts masks and a full stop behind the text and reads the first of them', () => {
    const { encoding, position } = frame('How are', model, 32)
    expect(shown(encoding.ids)).toBe('[CLS] how are [MASK] [MASK] [MASK]. [SEP]')
    expect(position).toBe(3)
    expect(shown(frame('How are', model, 32, 0).encoding.ids)).toBe('[CLS] how are [MASK]. [SEP]')
  })

  it('keeps the end of a long text', () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `w ${i % 10}`).join(' ')
    const { encoding, position } = frame(`${text} the end`, model, 8)
    expect(shown(encoding.ids)).toBe('[CLS] w 7 w 8 w 9 the end [MASK] [MASK] [MASK]. [SEP]')
    expect(position).toBe(9)
  })

  it('reads its own mask, not one in the text', () => {
    expect(frame('a [MASK] b', model, 32).position).toBe(4)
  })
})

describe('the lexicon', () => {
  const { kinds } = lexiconOf(tokenizer)
  it.each([
    ['house', KIND.word],
    ['1998', KIND.word],
    ['i', KIND.word],
    ['##ing', KIND.piece],
    ['.', KIND.punctuation],
    ['(', KIND.other],
    ['b', KIND.other],
    ['[MASK]', KIND.other],
    ['[unused7]', KIND.other],
  ])('%s', (token, kind) => {
    expect(kinds[tokenizer.tokenToId(token) as number]).toBe(kind)
  })

  it('finds all words that begin with a prefix, the prefix first', () => {
    const found = (prefix: string) => wordsFrom(prefix, lexiconOf(tokenizer)).map((id) => tokenizer.idToToken(id))
    expect(found('unbe')).toEqual(
      ['unbearable', 'unbeaten', 'unbelievable', 'unbelievably'].filter((w) => tokenizer.tokenToId(w)),
    )
    expect(found('house')[0]).toBe('house')
    expect(found('house')).toContain('household')
    expect(found('zzzz')).toEqual([])
  })
})

describe('write', () => {
  it.each([
    ['a text', 'word', 'a text word'],
    ['a text ', 'word', 'a text word'],
    ['a tex', '##ts', 'a texts'],
    ['a text', ',', 'a text,'],
    ['(', 'word', '(word'],
    ['he said "', 'word', 'he said "word'],
    ['"he said"', 'word', '"he said" word'],
    ['', 'word', 'word'],
    ['"', 'word', '"word'],
    ["don'", 't', "don't"],
    ['they’', 're', 'they’re'],
    ["O'", 'word', "O'word"],
    ["they said 'yes'", 'word', "they said 'yes' word"],
    ["they said '", 'word', "they said 'word"],
    ['it cost $', '50', 'it cost $50'],
  ])('%j and %j', (text, token, expected) => {
    expect(write(text, token)).toBe(expected)
  })
})
