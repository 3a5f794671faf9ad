import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import type { Pass } from './task.ts'
import { tokenClassification } from './token-classification.ts'
import { mergeOverlapping } from './token-classification-decode.ts'

const LABELS = ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC']

/** Logits that give each wordpiece the label named for it, O to the others. */
function labelled(labels: Record<string, string>) {
  return ({ encoding }: Pass) =>
    Array.from(encoding.ids, (id) => {
      const label = labels[tokenizer.idToToken(id) as string] ?? 'O'
      return LABELS.map((name) => (name === label ? 5 : 0))
    })
}

function find(text: string, labels: Record<string, string>, parameters: object = {}, maxLength = 512) {
  return tryTask(tokenClassification, text, parameters, { labels: LABELS, maxLength, logits: labelled(labels) }).answer
}

describe('token-classification', () => {
  it('refuses an empty text', () => {
    expect(() => find('', {})).toThrow('cannot be empty')
  })

  it.each([' ', '\t\n', '\u0000\u200b'])('answers text that cleans up to nothing (%j) with nothing', (text) => {
    for (const aggregation_strategy of ['none', 'simple', 'first', 'average', 'max']) {
      expect(find(text, {}, { aggregation_strategy })).toEqual([])
    }
  })

  it('answers a text without names with nothing', () => {
    expect(find('no names here', {})).toEqual([])
  })

  it('finds a name that is the whole text', () => {
    const [score] = [Math.exp(5) / (Math.exp(5) + 4)]
    expect(find('London', { london: 'B-LOC' })).toEqual([
      { entity_group: 'LOC', score: expect.closeTo(score, 6), word: 'london', start: 0, end: 6 },
    ])
  })

  it('finds names at both ends of a text', () => {
    const found = find('Paul met London', { paul: 'B-PER', london: 'B-LOC' })
    expect(found.map((e: { start: number; end: number }) => [e.start, e.end])).toEqual([
      [0, 4],
      [9, 15],
    ])
  })

  it('starts a new entity at B- and at another kind, and only there', () => {
    const labels = { paul: 'B-PER', smith: 'I-PER', john: 'B-PER', london: 'I-LOC' }
    const found = find('paul smith john london', labels)
    expect(found.map((e: { word: string }) => e.word)).toEqual(['paul smith', 'john', 'london'])
  })

  it('sends both label names and the place of the token with strategy none', () => {
    expect(find('x Paul', { paul: 'B-PER' }, { aggregation_strategy: 'none' })).toEqual([
      { entity: 'B-PER', entity_group: 'PER', score: expect.any(Number), index: 2, word: 'paul', start: 2, end: 6 },
    ])
  })

  it('keeps what is not ignored', () => {
    const found = find('Paul met me', { paul: 'B-PER' }, { ignore_labels: ['PER'] })
    expect(found).toEqual([{ entity_group: 'O', score: expect.any(Number), word: 'met me', start: 5, end: 11 }])
    expect(find('Paul met me', { paul: 'B-PER' }, { ignore_labels: [] })).toHaveLength(2)
  })

  it.each([
    ['codepoint', 4, 8],
    ['utf16', 6, 10],
  ])('counts %s offsets', (offset_type, start, end) => {
    const [entity] = find('😀𠮷 \tPaul東', { paul: 'B-PER' }, { offset_type })
    expect(entity).toMatchObject({ word: 'paul', start, end })
  })

  it('gives the source of a word that the vocabulary lacks', () => {
    const [entity] = find('see 🦄x', { '[UNK]': 'B-PER' }, { aggregation_strategy: 'none' })
    expect(entity).toMatchObject({ word: '🦄x', start: 4, end: 6 })
  })

  it.each([
    ['first', 'PER'],
    ['max', 'LOC'],
    ['average', 'LOC'],
  ])('gives a word one label with strategy %s', (aggregation_strategy, entity_group) => {
    const pieces = tokenizer.encode('Llanfair', { addSpecialTokens: false }).ids
    expect(pieces.length).toBeGreaterThan(1)
    const { answer } = tryTask(
      tokenClassification,
      'Llanfair',
      { aggregation_strategy },
      {
        labels: LABELS,
        logits: ({ encoding }) =>
          Array.from(encoding.ids, (_, row) =>
            row === 1 ? [0, 2, 0, 0, 0] : row === 2 ? [0, 0, 0, 9, 0] : [0, 0, 0, 1, 0],
          ),
      },
    )
    expect(answer).toEqual([{ entity_group, score: expect.any(Number), word: 'llanfair', start: 0, end: 8 }])
  })

  it('gives a word the label of the earlier of equally sure tokens with strategy max', () => {
    const { answer } = tryTask(
      tokenClassification,
      'Llanfair',
      { aggregation_strategy: 'max' },
      {
        labels: LABELS,
        logits: ({ encoding }) => Array.from(encoding.ids, (_, row) => (row === 1 ? [0, 0, 0, 5, 0] : [0, 5, 0, 0, 0])),
      },
    )
    expect(answer[0].entity_group).toBe('LOC')
  })

  describe('on long text', () => {
    const text = 'one two three four five six seven eight nine ten'

    it('refuses a stride that windows cannot have, and one where nothing is merged', () => {
      expect(() => find(text, {}, { stride: 14 }, 16)).toThrow('`stride` must be less than 14 tokens. Given: 14')
      expect(() => find('short', {}, { stride: 600 })).toThrow('`stride` must be less than 510 tokens. Given: 600')
      expect(() => find(text, {}, { stride: 2, aggregation_strategy: 'none' })).toThrow('aggregation_strategy')
      expect(() => find(text, {}, { stride: -1 })).toThrow()
    })

    it('reads 8,192 tokens to the end, however much the windows overlap', () => {
      const { answer, passes } = tryTask(
        tokenClassification,
        `${'a '.repeat(8189)}London`,
        {},
        { labels: LABELS, logits: labelled({ london: 'B-LOC' }) },
      )
      expect(answer).toMatchObject([{ word: 'london', start: 2 * 8189 }])
      expect(passes.reduce((sum, { encoding }) => sum + encoding.length, 0)).toBeGreaterThan(9000)
    })

    it('refuses to make more windows than any budget allows', () => {
      expect(() => find('a '.repeat(8000), {}, { stride: 509 })).toThrow('makes 7491 windows of 512 tokens')
      expect(() => find('a '.repeat(8191), {}, {})).toThrow('must have at most 8192 tokens. Given: 8193')
    })

    it('reads every token once with strategy none, where it has the most context', () => {
      const { answer, passes } = tryTask(
        tokenClassification,
        text,
        { aggregation_strategy: 'none', ignore_labels: [] },
        {
          labels: ['0', '1', '2', '3', '4'],
          maxLength: 8,
          logits: ({ encoding }, window) =>
            Array.from(encoding.ids, () => [0, 1, 2, 3, 4].map((i) => (i === window ? 9 : 0))),
        },
      )
      // Windows of 6 tokens that share 3: 0-5, 3-8, 6-9. Tokens 4 and 7 are one token from an edge in both of theirs.
      expect(passes.map(({ encoding }) => encoding.length)).toEqual([8, 8, 6])
      expect(answer.map((token: { word: string }) => token.word).join(' ')).toBe(text)
      expect(answer.map((token: { index: number }) => token.index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(answer.map((token: { entity: string }) => token.entity).join('')).toBe('0000011122')
    })

    it('finds an entity once that two windows see', () => {
      const found = find(text, { five: 'B-LOC', six: 'I-LOC', seven: 'I-LOC' }, {}, 8)
      expect(found.map((e: { word: string }) => e.word)).toEqual(['five six seven'])
    })
  })
})

describe('mergeOverlapping', () => {
  const entity = (start: number, end: number, score: number) => ({ entity_group: 'X', word: '', start, end, score })

  it('keeps the longest, then the surest, then the first', () => {
    expect(mergeOverlapping([])).toEqual([])
    expect(mergeOverlapping([entity(0, 3, 0.9), entity(0, 5, 0.1)])).toEqual([entity(0, 5, 0.1)])
    expect(mergeOverlapping([entity(0, 3, 0.5), entity(1, 4, 0.6)])).toEqual([entity(1, 4, 0.6)])
    expect(mergeOverlapping([entity(0, 3, 0.5), entity(1, 4, 0.5)])).toEqual([entity(0, 3, 0.5)])
    expect(mergeOverlapping([entity(5, 9, 1), entity(0, 5, 1)])).toEqual([entity(0, 5, 1), entity(5, 9, 1)])
  })
})
