import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { textGeneration } from './text-generation.ts'

const WORDS = 'the cat sat on a mat and then it saw dogs in red houses near green rivers'.split(' ')

/** A model that finds these tokens likely at each place (one table for all places, or one for each), others not. */
function ask(inputs: unknown, parameters: object, logits: Record<string, number> | Record<string, number>[]) {
  const { answer, passes, truncated } = tryTask(textGeneration, inputs, parameters, {
    logits: (_, index) => {
      const data = new Float32Array(tokenizer.vocabSize).fill(-30)
      const given = Array.isArray(logits) ? logits[index] : logits
      for (const [token, logit] of Object.entries(given ?? {})) data[tokenizer.tokenToId(token) as number] = logit
      return { data, rows: 1, columns: data.length }
    },
  })
  return { text: answer.generated_text as string, passes, truncated }
}
const even = Object.fromEntries(WORDS.map((word) => [word, 0]))

describe('text-generation', () => {
  it('adds max_new_tokens tokens, the last a full stop, one short pass each', () => {
    const { text, passes } = ask('Once upon a time', { max_new_tokens: 9 }, even)
    expect(text).toMatch(/^Once upon a time( [a-z]+){8}\.$/)
    expect(passes).toHaveLength(8)
    const shown = passes.map(({ encoding }) => tokenizer.decode(encoding.ids))
    expect(shown[0]).toBe('[CLS] once upon a time [MASK] [MASK] [MASK]. [SEP]')
    // Towards the end there are fewer masks left to look ahead to.
    expect(shown.at(-2)).toMatch(/[a-z] \[MASK\] \[MASK\]\. \[SEP\]$/)
    expect(shown.at(-1)).toMatch(/[a-z] \[MASK\]\. \[SEP\]$/)
  })

  it('by default adds 20 tokens', () => {
    expect(ask('a', {}, even).passes).toHaveLength(19)
  })

  it('the same seed gives the same text, another seed another', () => {
    const texts = [1, 1, 2].map((seed) => ask('Well', { seed }, even).text)
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]).not.toBe(texts[2])
    expect(ask('Well', {}, even).text).toBe(ask('Well', { seed: 0 }, even).text)
  })

  it('never says a word twice in a row, not with a piece nor over a comma either', () => {
    const pieces = { him: 9, hi: 9, '##m': 9, the: 9, ',': 9 }
    for (let seed = 0; seed < 50; seed++) {
      const { text } = ask('The', { seed, max_new_tokens: 12, temperature: 2 }, pieces)
      expect(text).not.toMatch(/\b(\w+)\W+\1\b/i)
    }
  })

  it('temperature 0 and do_sample: false take the likeliest each time', () => {
    const likely = [{ cats: 2, dogs: 1 }, { sleep: 3 }]
    for (const parameters of [{ temperature: 0 }, { do_sample: false }]) {
      expect(ask('Some', { max_new_tokens: 3, ...parameters }, likely).text).toBe('Some cats sleep.')
    }
  })

  it('writes pieces and punctuation where they belong and never special tokens', () => {
    const likely = [
      { '.': 9, '[SEP]': 20, '(': 15, cat: 3, '##s': 12 },
      { '##s': 9, cat: 3 },
      { ',': 9 },
      { ',': 9, so: 3 },
    ]
    const { text } = ask('The ', { max_new_tokens: 5, temperature: 0 }, likely)
    expect(text).toBe('The cats, so.')
  })

  it('stops before a stop string, and gives only what was added on request', () => {
    const likely = [{ one: 1 }, { two: 1 }, { three: 1 }, { four: 1 }]
    const parameters = { temperature: 0, max_new_tokens: 5, return_full_text: false }
    expect(ask('zero', parameters, likely).text).toBe(' one two three four.')
    const { text, passes } = ask('zero', { ...parameters, stop: ['FOUR', 'three'] }, likely)
    expect(text).toBe(' one two ')
    expect(passes).toHaveLength(3)
    expect(ask('zero', { ...parameters, stop: 'zero' }, likely).passes).toHaveLength(4)
  })

  it('one token is a word', () => {
    expect(ask('a', { max_new_tokens: 1 }, { '.': 9, house: 1 }).text).toBe('a house')
  })

  it('a long prompt costs no more than a short one', () => {
    const { passes } = ask('word '.repeat(100_000), { max_new_tokens: 3 }, even)
    for (const { encoding } of passes) expect(encoding.length).toBeLessThanOrEqual(70)
  })

  it('says once that it reads no more than the end of a prompt', () => {
    const truncatedOf = (prompt: string) => ask(prompt, { max_new_tokens: 9 }, even).truncated
    expect(truncatedOf('word '.repeat(65))).toBe(1)
    expect(truncatedOf(`${'x'.repeat(2000)} word`)).toBe(1)
    // What is added does not count.
    expect(truncatedOf('word '.repeat(64))).toBe(0)
    expect(ask('word '.repeat(65), { max_new_tokens: 1 }, even).truncated).toBe(1)
  })

  it.each([
    ['', {}, 'empty'],
    ['a', { max_new_tokens: 129 }, '128'],
    ['a', { max_new_tokens: 0 }, '1'],
    ['a', { temperature: -1 }, '0'],
    ['a', { top_p: 0 }, '0'],
    ['a', { seed: 1.5 }, 'int'],
    ['a', { stop: [''] }, '1'],
    [['a', 'b'], {}, 'expected string'],
  ])('refuses %j with %j', (inputs, parameters, message) => {
    expect(() => ask(inputs, parameters, {})).toThrow(message)
  })
})
