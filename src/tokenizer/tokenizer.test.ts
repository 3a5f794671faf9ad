import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { BertTokenizer, type EncodeOptions, type Encoding, Vocab } from './index.ts'

const vocab = Vocab.fromText(
  readFileSync(join(import.meta.dirname, '../../assets/models/all-MiniLM-L6-v2/vocab.txt'), 'utf8'),
)
const tokenizer = BertTokenizer.fromVocab(vocab)
const cased = BertTokenizer.fromVocab(vocab, { lowercase: false })

const tokensOf = (text: string, options?: EncodeOptions) =>
  Array.from(tokenizer.encode(text, options).ids, (id) => tokenizer.idToToken(id))
/** What each token stands for in the text. */
const sourcesOf = (text: string, options?: EncodeOptions) => {
  const { starts, ends } = tokenizer.encode(text, options)
  return Array.from(starts, (start, i) => text.slice(start, ends[i]))
}

describe('encode', () => {
  it('gives pieces, their sources and their words', () => {
    const text = 'Unaffable Ünïcödé, naïve!'
    expect(tokensOf(text)).toEqual('[CLS] una ##ffa ##ble unicode , naive ! [SEP]'.split(' '))
    expect(sourcesOf(text)).toEqual(['', 'Una', 'ffa', 'ble', 'Ünïcödé', ',', 'naïve', '!', ''])
    const encoding = tokenizer.encode(text)
    expect([...encoding.wordIds]).toEqual([-1, 0, 0, 0, 1, 2, 3, 4, -1])
    expect([...encoding.sequenceIds]).toEqual([-1, 0, 0, 0, 0, 0, 0, 0, -1])
    expect([...encoding.specialTokensMask]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1])
    expect([...encoding.typeIds]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(encoding.length).toBe(9)
    expect(encoding.truncated).toBe(false)
    expect(encoding.overflowing).toEqual([])
  })

  it('counts offsets in UTF-16 code units, also in astral text', () => {
    expect(sourcesOf('😀 𠀀x 한글!')).toEqual(['', '😀', '𠀀', 'x', '한', '한', '한', '글', '글', '글', '!', ''])
  })

  it('reads a pair, also an empty one', () => {
    const encoding = tokenizer.encode('a b', { pair: 'c' })
    expect(tokenizer.decode(encoding.ids)).toBe('[CLS] a b [SEP] c [SEP]')
    expect([...encoding.typeIds]).toEqual([0, 0, 0, 0, 1, 1])
    expect([...encoding.sequenceIds]).toEqual([-1, 0, 0, -1, 1, -1])
    expect([...encoding.starts]).toEqual([0, 0, 2, 0, 0, 0])
    expect(tokensOf('a', { pair: '' })).toEqual(['[CLS]', 'a', '[SEP]', '[SEP]'])
    expect([...tokenizer.encode('a b', { pair: 'c', addSpecialTokens: false }).typeIds]).toEqual([0, 0, 1])
  })

  it('finds special tokens in the raw text only, and never splits them', () => {
    expect(tokensOf('[MASK]ing x[SEP]y')).toEqual(['[CLS]', '[MASK]', 'ing', 'x', '[SEP]', 'y', '[SEP]'])
    expect(tokensOf('[mask] [MA\u00adSK]')).toEqual('[CLS] [ mask ] [ mask ] [SEP]'.split(' '))
    expect([...tokenizer.encode('[MASK]').specialTokensMask]).toEqual([1, 0, 1])
  })

  it.each([
    ['nothing', ''],
    ['white space', ' \t\n\u3000 '],
    ['control characters', '\u0000\u0007\u200b\ue000'],
    ['accents', '\u0301\u0302'],
    ['lone surrogates', '\udc00\udbff\ud800'],
  ])('reads %s as [CLS] [SEP]', (_, text) => {
    expect(tokensOf(text)).toEqual(['[CLS]', '[SEP]'])
  })

  it('reads 50,000 characters, as one word and as many', () => {
    expect(tokensOf('a'.repeat(50_000))).toEqual(['[CLS]', '[UNK]', '[SEP]'])
    const encoding = tokenizer.encode('a '.repeat(25_000))
    expect(encoding.length).toBe(25_002)
    expect([encoding.starts[25_000], encoding.ends[25_000], encoding.wordIds[25_000]]).toEqual([49_998, 49_999, 24_999])
  })

  it('keeps case and accents when told to', () => {
    expect(cased.decode(cased.encode('Hello hello').ids)).toBe('[CLS] [UNK] hello [SEP]')
    const accents = BertTokenizer.fromVocab(vocab, { stripAccents: false })
    expect(accents.encode('Né').ids).not.toEqual(tokenizer.encode('Né').ids)
  })
})

describe('lone surrogates, which the reference refuses', () => {
  const dropped = 'na\ud800ïve \udc00[MASK]\ud83d 北\udfff京 e\ud800\u0301x \ud800'
  const without = dropped.replaceAll(/[\ud800-\udfff]/g, '')

  it.each([
    ['cleaned', {}],
    ['not cleaned', { cleanText: false }],
    ['accents kept', { stripAccents: false }],
  ])('are dropped like control characters: %s', (_, options) => {
    const one = BertTokenizer.fromVocab(vocab, options)
    expect([...one.encode(dropped).ids]).toEqual([...one.encode(without).ids])
    expect([...one.encode(dropped).wordIds]).toEqual([...one.encode(without).wordIds])
  })

  it('leave the offsets of the rest right', () => {
    expect(sourcesOf(dropped)).toEqual(['', 'na\ud800ïve', '[MASK]', '北', '京', 'e\ud800\u0301x', ''])
  })
})

describe('truncation', () => {
  const text = 'one two three four five six seven eight'

  it('keeps the beginning or the end and says that it cut', () => {
    expect(tokensOf(text, { maxLength: 5 })).toEqual(['[CLS]', 'one', 'two', 'three', '[SEP]'])
    expect(tokensOf(text, { maxLength: 5, truncationDirection: 'left' })).toEqual(
      '[CLS] six seven eight [SEP]'.split(' '),
    )
    expect(tokenizer.encode(text, { maxLength: 5 }).truncated).toBe(true)
    expect(tokenizer.encode(text, { maxLength: 10 }).truncated).toBe(false)
    expect(tokensOf(text, { maxLength: 2 })).toEqual(['[CLS]', '[SEP]'])
  })

  it('keeps the rest in windows when there is a stride', () => {
    const encoding = tokenizer.encode(text, { maxLength: 5, stride: 1 })
    const windows = [encoding, ...encoding.overflowing].map(({ ids }) =>
      tokenizer.decode(ids, { skipSpecialTokens: true }),
    )
    expect(windows).toEqual(['one two three', 'three four five', 'five six seven', 'seven eight'])
    expect(encoding.truncated).toBe(false)
    expect(encoding.overflowing[0]?.starts[1]).toBe(text.indexOf('three'))
  })

  it.each([
    ['one sequence', {}],
    ['two long ones', { pair: 'second '.repeat(140) }],
    ['a short second one', { pair: 'short' }],
    ['only the first cut', { pair: 'short', truncation: 'only_first' }],
  ] satisfies [string, EncodeOptions][])('reads no further than it must, with the same result: %s', (_, options) => {
    const long = 'Naïve [MASK] 北京 unaffable, x́ '.repeat(20)
    for (const maxLength of [5, 6, 7, 64, 127, 128]) {
      const columns = ({ ids, starts, wordIds }: Encoding) => `${ids} ${starts} ${wordIds}`
      const cut = tokenizer.encode(long, { ...options, maxLength })
      const whole = tokenizer.encode(long, { ...options, maxLength, stride: 0 })
      expect(columns(cut)).toBe(columns(whole))
      expect(cut.truncated).toBe(true)
    }
  })

  it('refuses what can not be, with limit and value', () => {
    const refuse = (options: EncodeOptions, input = text) => expect(() => tokenizer.encode(input, options))
    refuse({ maxLength: 1 }).toThrow(
      new RangeError('maxLength must be at least 2, the number of special tokens. Given: 1'),
    )
    refuse({ maxLength: 2, pair: 'x' }).toThrow('at least 3')
    refuse({ maxLength: -1, addSpecialTokens: false }).toThrow('Given: -1')
    refuse({ maxLength: 2.5 }).toThrow('Given: 2.5')
    refuse({ maxLength: 8, stride: 7 }).toThrow('stride must be below the window of 6. Given: 7')
    refuse({ maxLength: 8, stride: 6 }).toThrow('stride must be below the 6 tokens that a window has left. Given: 6')
    refuse({ maxLength: 8, stride: -1 }).toThrow('Given: -1')
    refuse({ maxLength: 5, truncation: 'only_second' }).toThrow('needs a pair')
    refuse({ maxLength: 5, truncation: 'only_second', pair: 'x' }).toThrow('at most 2 tokens')
  })
})

describe('encoding', () => {
  it('finds rows by id and gives ids with one replaced', () => {
    const encoding = tokenizer.encode('[MASK] and [MASK]')
    expect(encoding.positionsOf(tokenizer.maskId)).toEqual([1, 3])
    expect(encoding.positionsOf(0)).toEqual([])
    expect(tokenizer.decode(encoding.withId(1, 2009), { skipSpecialTokens: true })).toBe('it and')
    expect(encoding.ids[1]).toBe(tokenizer.maskId)
    expect(() => encoding.withId(5, 0)).toThrow('row must be in 0..4. Given: 5')
  })
})

describe('decode', () => {
  it('joins pieces and cleans up only when told to', () => {
    const { ids } = tokenizer.encode("I don't, unaffable.")
    expect(tokenizer.decode(ids)).toBe("[CLS] i don ' t, unaffable. [SEP]")
    expect(tokenizer.decode(ids, { skipSpecialTokens: true, cleanUpTokenizationSpaces: true })).toBe(
      "i don't, unaffable.",
    )
  })

  it('leaves out ids that are no token', () => {
    expect(tokenizer.decode([7592, 30_522, -1, 1.5, 2088])).toBe('hello world')
    expect(tokenizer.decode([])).toBe('')
  })
})

describe('vocabulary', () => {
  it('knows the special tokens', () => {
    const { padId, unkId, clsId, sepId, maskId, vocabSize } = tokenizer
    expect([padId, unkId, clsId, sepId, maskId, vocabSize]).toEqual([0, 100, 101, 102, 103, 30_522])
    expect([0, 100, 101, 102, 103].every((id) => tokenizer.isSpecial(id))).toBe(true)
    expect(tokenizer.isSpecial(104)).toBe(false)
    expect(tokenizer.tokenToId(tokenizer.maskToken)).toBe(103)
  })

  it('refuses one without a special token', () => {
    expect(() => BertTokenizer.fromVocab(Vocab.fromText('[PAD]\n[UNK]\n[CLS]\n[SEP]\n'))).toThrow(
      'vocabulary of 4 tokens has no "[MASK]" (maskToken)',
    )
  })
})

describe('memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }

  it('does not grow with encodes, nor keep the scratch of a large one', async () => {
    const one = BertTokenizer.fromVocab(vocab)
    const work = () => one.encode('Naïve 北京 unaffable 😀 '.repeat(50), { maxLength: 64, stride: 8 }).length
    work()
    const before = heap()
    for (let i = 0; i < 1000; i++) work()
    one.encode('!'.repeat(400_000))
    one.encode('small')
    // V8 gives array buffers back some time after a collection.
    await expect.poll(() => heap() - before, { timeout: 10_000 }).toBeLessThan(1024 * 1024)
  })

  it.each([
    ['a text', (one: BertTokenizer) => one.encode('!'.repeat(400_000))],
    ['a pair', (one: BertTokenizer) => one.encode('a', { pair: '!'.repeat(400_000) })],
    [
      'a pair that is refused',
      (one: BertTokenizer) => {
        const options: EncodeOptions = { pair: '!'.repeat(400_000), maxLength: 8, truncation: 'only_first', stride: 0 }
        expect(() => one.encode('!'.repeat(400_000), options)).toThrow(RangeError)
      },
    ],
  ])('gives the scratch of %s back before the next', (_, encode) => {
    const one = BertTokenizer.fromVocab(vocab)
    const before = one.byteLength
    encode(one)
    expect(one.byteLength).toBe(before)
  })

  it('decodes to strings that take no more than their characters', () => {
    const ids = new Int32Array(500).fill(tokenizer.tokenToId('hello') as number)
    const before = heap()
    const texts = Array.from({ length: 1000 }, () => tokenizer.decode(ids))
    const grown = heap() - before
    expect(texts[999]?.length).toBe(2999)
    expect(grown).toBeLessThan(1.1 * 1000 * 2999)
  })

  it('says how many bytes a tokenizer holds', () => {
    const one = BertTokenizer.fromVocab(vocab)
    expect(one.byteLength).toBeGreaterThan(vocab.byteLength)
    expect(one.byteLength).toBeLessThan(1_200_000)
    const before = one.byteLength
    for (let code = 0; code < 0x110000; code += 256) {
      one.encode(String.fromCodePoint(...Array.from({ length: 256 }, (_, i) => code + i)))
    }
    expect(one.byteLength).toBeGreaterThan(before)
    expect(one.byteLength).toBeLessThan(2_200_000)
  })
})
