/** Entities, answers and zero-shot labels on the real weights, in workerd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

interface Entity {
  entity?: string
  entity_group: string
  word: string
  start: number
  end: number
}

describe('token-classification', () => {
  const text = 'Angela Merkel visited Microsoft in Seattle before she flew to Paris.'
  const entities = (inputs: string, parameters = {}): Promise<Entity[]> =>
    worker.ask('/v1/tasks/token-classification', { inputs, parameters: { offset_type: 'utf16', ...parameters } })

  test.each(['simple', 'first', 'average', 'max'])('aggregation_strategy %s', async (aggregation_strategy) => {
    const found = await entities(text, { aggregation_strategy })
    expect(found.map(({ entity_group, start, end }) => [entity_group, text.slice(start, end)])).toEqual([
      ['PER', 'Angela Merkel'],
      ['ORG', 'Microsoft'],
      ['LOC', 'Seattle'],
      ['LOC', 'Paris'],
    ])
  })

  test('strategy none labels tokens', async () => {
    const found = await entities(text, { aggregation_strategy: 'none' })
    expect(found[0]).toMatchObject({ entity: 'B-PER', entity_group: 'PER', index: 1, word: 'angela', start: 0, end: 6 })
  })

  test('a text of several windows keeps entities of its end, at their place', async () => {
    const long = `${'Nothing happened on that day. '.repeat(150)}Then Sarah Connor arrived in Berlin.`
    const found = await entities(long)
    const spans = found.map(({ start, end }) => long.slice(start, end))
    expect(spans.slice(-2)).toEqual(['Sarah Connor', 'Berlin'])
  })
})

describe('question-answering', () => {
  const ask = (question: string, context: string, parameters = {}) =>
    worker.ask('/v1/tasks/question-answering', { inputs: { question, context }, parameters })

  test.each([
    ['Where do I live?', 'My name is Sarah and I live in Berlin.', 'Berlin'],
    ['Who wrote the novel?', 'The novel was written by Jane Austen in 1813.', 'Jane Austen'],
    ['When was the novel written?', 'The novel was written by Jane Austen in 1813.', '1813'],
  ])('%s', async (question, context, expected) => {
    const { answer, start, end, score } = await ask(question, context)
    expect(answer.replace(/\.$/, '')).toBe(expected)
    expect(context.slice(start, end)).toBe(answer)
    expect(score).toBeGreaterThan(0)
    expect(score).toBeLessThanOrEqual(1)
  })

  test('an answer far into a long context', async () => {
    const context = `${'The committee talked about many things. '.repeat(120)}The treasure is buried under the old oak tree.`
    const { answer, start, end } = await ask('Where is the treasure buried?', context)
    expect(answer).toContain('oak tree')
    expect(context.slice(start, end)).toBe(answer)
  })

  test('top_k gives a list, best first; offsets count code points', async () => {
    const context = '🎣 Paul caught a trout in Norway.'
    const answers = await ask('Where did Paul catch a trout?', context, { top_k: 3 })
    expect(answers).toHaveLength(3)
    const points = [...context]
    for (const { answer, start, end } of answers) expect(points.slice(start, end).join('')).toBe(answer)
  })
})

describe('zero-shot-classification', () => {
  test('ranks the labels that the caller gives', async () => {
    const labels: { label: string; score: number }[] = await worker.ask('/v1/tasks/zero-shot-classification', {
      inputs: 'A man is playing a guitar on the stage.',
      parameters: { candidate_labels: ['making music', 'cooking dinner'], hypothesis_template: 'A person is {}.' },
    })
    expect(labels.map(({ label }) => label)).toEqual(['making music', 'cooking dinner'])
    expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6)
  })
})

type BadInput = [task: string, body: object, status: number, message: RegExp]
const badInputs: BadInput[] = [
  ['token-classification', { inputs: '' }, 400, /cannot be empty/],
  ['token-classification', { inputs: 'a', parameters: { aggregation_strategy: 'best' } }, 422, /aggregation_strategy/],
  ['token-classification', { inputs: 'a', parameters: { aggregation_strategy: 'none', stride: 16 } }, 422, /stride/],
  ['token-classification', { inputs: 'a '.repeat(8191) }, 422, /`inputs` must have at most 8192 tokens. Given: 8193/],
  ['question-answering', { inputs: { question: 'a', context: 'a '.repeat(8189) } }, 422, /8192 tokens. Given: 8193/],
  ['summarization', { inputs: 'a b c. '.repeat(2048) }, 422, /8192 tokens. Given: 8194/],
  ['summarization', { inputs: 'a. '.repeat(600_000) }, 422, /8192 tokens. Given: more than 16385/],
  ['summarization', { inputs: '\u200b\n'.repeat(300_000) }, 422, /8192 sentences. Given: more than 8192/],
  [
    'token-classification',
    { inputs: 'a '.repeat(8000), parameters: { stride: 508 } },
    422,
    /`stride` of 508 makes 3746 windows of 512 tokens; at most 131072/,
  ],
  [
    'question-answering',
    { inputs: { question: 'a '.repeat(400), context: 'b' } },
    422,
    /first text of 400 tokens leaves no room for the second in a window of 384/,
  ],
  ['question-answering', { inputs: { question: '', context: 'a' } }, 400, /question` cannot be empty/],
  ['question-answering', { inputs: { question: 'a', context: '' } }, 400, /context` cannot be empty/],
  ['question-answering', { inputs: { question: 'a', context: 'b' }, parameters: { top_k: 0 } }, 422, /top_k.*0/],
  ['question-answering', { inputs: 'a' }, 422, /`inputs`/],
  ['zero-shot-classification', { inputs: 'a' }, 422, /`parameters.candidate_labels`/],
  [
    'zero-shot-classification',
    { inputs: 'a', parameters: { candidate_labels: ['x'], hypothesis_template: 'no place' } },
    422,
    /hypothesis_template/,
  ],
]

test.each(badInputs)('%s refuses bad input %#', async (task, body, status, message) => {
  const response = await worker.post(`/v1/tasks/${task}`, body)
  expect(((await response.json()) as { error: string }).error).toMatch(message)
  expect(response.status).toBe(status)
})
