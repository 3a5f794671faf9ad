import { expect, test } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { fillMask } from './fill-mask.ts'

const id = (word: string) => tokenizer.tokenToId(word) as number

/** Logits by which a word has this probability, and all others share the rest. */
function row(probabilities: Record<string, number>): number[] {
  const rest = 1 - Object.values(probabilities).reduce((sum, value) => sum + value, 0)
  const logits = Array<number>(tokenizer.vocabSize).fill(Math.log(rest / tokenizer.vocabSize))
  for (const [word, probability] of Object.entries(probabilities)) logits[id(word)] = Math.log(probability)
  return logits
}

/** "new" and "los" are alike at first; what follows depends on which was taken. */
const cities = {
  logits: ({ encoding }: { encoding: { ids: Int32Array } }) => {
    if (encoding.ids.includes(id('new'))) return [row({ york: 0.5, angeles: 0.01 })]
    if (encoding.ids.includes(id('los'))) return [row({ angeles: 0.9, york: 0.01 })]
    return [row({ new: 0.5, los: 0.4, york: 0.05 })]
  },
}

test('joint: the words that go together best, not the best of each mask', () => {
  const { answer, passes } = tryTask(fillMask, 'I live in [MASK] [MASK].', { joint: true, top_k: 2 }, cities)
  expect(answer.map(({ token_str }: { token_str: string }) => token_str)).toEqual(['los angeles', 'new york'])
  expect(answer[0]).toMatchObject({ tokens: [id('los'), id('angeles')], token: id('los') })
  expect(answer[0].sequence).toBe('i live in los angeles.')
  expect(answer[0].score).toBeCloseTo(0.36, 3)
  expect(answer[1].score).toBeCloseTo(0.25, 3)
  expect(passes.map(({ reads }) => reads['fill-mask'])).toEqual([[4], [5], [5]])
})

test('joint with targets fills in nothing else', () => {
  const parameters = { joint: true, targets: ['new', 'york'] }
  const { answer } = tryTask(fillMask, '[MASK] [MASK]', parameters, cities)
  expect(answer[0].token_str).toBe('new york')
  for (const { tokens } of answer) for (const token of tokens) expect([id('new'), id('york')]).toContain(token)
})

test('one mask is answered as ever', () => {
  const { answer } = tryTask(fillMask, 'A [MASK].', { joint: true, top_k: 1 }, cities)
  expect(answer).toEqual([expect.objectContaining({ token_str: 'new', sequence: 'a new.' })])
})

test('too many passes are refused with the numbers', () => {
  const run = () => tryTask(fillMask, '[MASK] [MASK] [MASK]', { joint: true, top_k: 64 }, cities)
  expect(run).toThrow('`top_k` must be at most 63 for 3 masks at once. Given: 64')
})
