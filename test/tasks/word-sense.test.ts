/** Word senses on the real weights, in workerd. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

interface Use {
  context: string
  start: number
  end: number
  cluster: number
  senses?: { sense: string; index: number; score: number }[]
  substitutes?: { token_str: string }[]
}
const ask = (inputs: object, rest = {}): Promise<{ uses: Use[]; similarity: number[][] }> =>
  worker.ask('/v1/tasks/word-sense', { inputs, ...rest })

const BANK = [
  'He sat on the bank of the river.',
  'They fished from the muddy bank of the stream.',
  'She deposited money at the bank.',
  'The bank raised its interest rates.',
]

test('bank of a river and of money come apart', async () => {
  const { uses, similarity } = await ask({ word: 'bank', contexts: BANK })
  expect(uses.map(({ cluster }) => cluster)).toEqual([0, 0, 1, 1])
  for (const { context, start, end } of uses) expect([...context].slice(start, end).join('')).toBe('bank')
  expect(similarity).toHaveLength(4)
  expect(similarity[0]?.[0]).toBeCloseTo(1, 5)
})

test.each([
  [
    'bat',
    ['A bat flew out of the dark cave.', 'The bat eats insects at night.'],
    ['He swung the bat and hit the ball.', 'The player broke his bat in the last inning.'],
  ],
  [
    'spring',
    ['Flowers bloom in spring.', 'The birds come back every spring.'],
    ['The spring in the mattress is broken.', 'The metal spring bounced back into shape.'],
  ],
  [
    'seal',
    ['A seal swam near the ice.', 'The seal ate a fish on the beach.'],
    ['The letter had a wax seal.', 'Break the seal before you open the bottle.'],
  ],
])('%s comes apart', async (word, first, second) => {
  const { uses } = await ask({ word, contexts: [...first, ...second] }, { parameters: { num_senses: 2 } })
  expect(uses.map(({ cluster }) => cluster)).toEqual([0, 0, 1, 1])
})

test.each([
  ['bank', 'He sat on the bank of the river.', 'She deposited money at the bank.'],
  ['apple', 'I ate a red apple.', 'Apple released a new phone.'],
  ['mouse', 'The cat chased the mouse.', 'Click the left button of the mouse.'],
])('one use each of two senses of %s come apart', async (word, ...contexts) => {
  const { uses, similarity } = await ask({ word, contexts })
  expect(uses.map(({ cluster }) => cluster)).toEqual([0, 1])
  expect(similarity[0]?.[1]).toBeLessThan(0.31)
})

test.each([
  ['bank', ['She deposited money at the bank.', 'I need to go to the bank to cash a check.']],
  ['court', ['The judge entered the court.', 'The court found him guilty.']],
  ['apple', ['I ate a red apple.', 'She baked an apple pie.', 'An apple fell from the tree.']],
])('uses of one sense of %s stay together', async (word, contexts) => {
  const { uses } = await ask({ word, contexts })
  expect(new Set(uses.map(({ cluster }) => cluster)).size).toBe(1)
})

test.each([
  ['run', 'He was running home.', 'running'],
  ['city', 'Two cities.', 'cities'],
  ['make', 'She is making tea.', 'making'],
  ['café', 'The CAFE\u0301S are open.', 'CAFE\u0301S'],
  ['c++', 'I write C++ code.', 'C++'],
  ['銀行', '私は銀行に行く。', '銀行'],
])('%s is used in: %s', async (word, context, use) => {
  const { uses } = await ask({ word, contexts: [context] }, { parameters: { offset_type: 'utf16' } })
  expect(context.slice(uses[0]?.start, uses[0]?.end)).toBe(use)
})

test('a word alone, and equal contexts, are no special case', async () => {
  const { uses, similarity } = await ask({ word: 'bank', contexts: ['bank', 'bank', 'The bank.', 'The bank.'] })
  for (const row of similarity) for (const value of row) expect(Number.isFinite(value)).toBe(true)
  expect(uses[0]?.cluster).toBe(uses[1]?.cluster)
  expect(uses[2]?.cluster).toBe(uses[3]?.cluster)
})

test('uses that mean the same stay together', async () => {
  const contexts = [
    'The bank raised its interest rates.',
    'The bank lowered its interest rates.',
    'The bank changed its rates.',
  ]
  const { uses } = await ask({ word: 'bank', contexts })
  expect(new Set(uses.map(({ cluster }) => cluster)).size).toBe(1)
})

test('the best of the senses that the caller gives', async () => {
  const senses = ['the land beside a river', 'a company that keeps and lends money']
  const { uses } = await ask({ word: 'bank', contexts: BANK, senses })
  expect(uses.map(({ senses }) => senses?.[0]?.index)).toEqual([0, 0, 1, 1])
})

test('inflected uses count, and offsets span them', async () => {
  const { uses } = await ask(
    { word: 'bank', contexts: ['🎣 The banks of the Rhine are green.'] },
    { parameters: { offset_type: 'utf16' } },
  )
  expect(uses[0]?.context.slice(uses[0]?.start, uses[0]?.end)).toBe('banks')
})

test('a model with a fill-mask head adds substitutes', async () => {
  const { uses } = await ask({ word: 'bank', contexts: BANK }, { model: 'multitask-minilm', parameters: { top_k: 10 } })
  for (const { substitutes } of uses) expect(substitutes).toHaveLength(10)
  expect(uses[0]?.substitutes?.map(({ token_str }) => token_str)).not.toEqual(
    uses[3]?.substitutes?.map((s) => s.token_str),
  )
})

test.each([
  [{ word: 'bank', contexts: [] }, {}, 400, /`contexts` cannot be empty/],
  [{ word: '', contexts: ['a'] }, {}, 400, /word` cannot be empty/],
  [{ word: 'a'.repeat(201), contexts: ['a b'] }, {}, 422, /word` .*<=200 characters. Given: 201 characters/],
  [{ word: ' ', contexts: ['a b'] }, {}, 422, /`word` must have a character besides white space/],
  [{ word: '\u200b', contexts: ['a \u200b b'] }, {}, 422, /the word in `contexts\[0\]` has 0 tokens/],
  [{ word: 'ban', contexts: ['The bank.'] }, {}, 422, /`contexts\[0\]` does not contain the word "ban"/],
  [
    { word: 'bank', contexts: ['The bank.', 'no such word'] },
    {},
    422,
    /`contexts\[1\]` does not contain the word "bank"/,
  ],
  [{ word: 'bank', contexts: ['The bank.'] }, { num_senses: 2 }, 422, /at most 1.*Given: 2/],
  [{ word: 'a', contexts: Array(33).fill('a') }, {}, 422, /at most 32 elements. Given: 33/],
])('refuses bad input %#', async (inputs, parameters, status, message) => {
  const response = await worker.post('/v1/tasks/word-sense', { inputs, parameters })
  expect(((await response.json()) as { error: string }).error).toMatch(message)
  expect(response.status).toBe(status)
})
