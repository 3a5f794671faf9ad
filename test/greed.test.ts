/**
 * Requests of a few hundred kilobytes that would take more memory or time than an isolate has: each is refused with the
 * numbers, before the work is done, in the shape of its API family; or answered with what fits.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const words = (count: number) => Array(count).fill('hello').join(' ')
const task = (name: string) => `/v1/tasks/${name}`

const refused: [name: string, path: string, body: unknown, message: RegExp][] = [
  ['510 masks', task('fill-mask'), { inputs: '[MASK] '.repeat(510) }, /at most 128 \[MASK\]. Given: 510/],
  [
    '1,001 targets',
    task('fill-mask'),
    { inputs: '[MASK]', parameters: { targets: Array(1001).fill('a') } },
    /targets.*at most 1000 elements. Given: 1001/,
  ],
  [
    'joint fills of many texts',
    task('fill-mask'),
    { inputs: Array(40).fill(`[MASK] [MASK] ${words(508)}`), parameters: { joint: true, top_k: 39 } },
    /at most 65536 tokens in all passes. Given: 81920/,
  ],
  [
    'suggestions that repeat a long text',
    task('text-prediction'),
    { inputs: 'a'.repeat(200_000), parameters: { top_k: 100 } },
    /at most 5000000 characters in all. Given: 20000000 for 100 suggestions/,
  ],
  [
    'a template',
    task('zero-shot-classification'),
    { inputs: 'a', parameters: { candidate_labels: ['a'], hypothesis_template: 'a'.repeat(300_000) } },
    /hypothesis_template` .*<=4096 characters. Given: 300000 characters/,
  ],
  [
    'numbers for labels',
    task('zero-shot-classification'),
    { inputs: 'a', parameters: { candidate_labels: Array(300_000).fill(1) } },
    /candidate_labels` must have at most 1000 elements. Given: 300000/,
  ],
  [
    'parameters of many tasks',
    task('analyze'),
    {
      inputs: 'a',
      tasks: ['topic'],
      task_parameters: Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [i, 1])),
    },
    /task_parameters` must have at most 16 elements. Given: 150000/,
  ],
  [
    'completions that repeat a long prompt',
    '/v1/completions',
    { prompt: 'a '.repeat(500_000), n: 20, max_tokens: 1, echo: true },
    /`echo` repeats at most 10000000 characters of prompts. Given: 20000000/,
  ],
  [
    'gaps in long texts',
    '/v1/completions',
    { prompt: words(600), suffix: 'end', max_tokens: 128, n: 7 },
    /prompts × n × `max_tokens` must be at most 1\d\d. Given: 896/,
  ],
  [
    'numbers for texts',
    '/rerank',
    { query: 'a', texts: Array(200_000).fill(1) },
    /`texts` must have at most 2048 elements. Given: 200000/,
  ],
  [
    'too many tokens',
    '/v1/embeddings',
    { input: Array(900_000).fill(1) },
    /`input` must have at most \d+ elements. Given: 900000/,
  ],
  ['faults in every token', '/decode', { ids: Array(12).fill(Array(50_000).fill(-1)) }, /`ids\[0\]\[0\]` .*Given: -1/],
  [
    'a text to tokenize',
    '/v1/tokenize',
    { text: '!'.repeat(1_900_000) },
    /`text` must have at most 65536 tokens in all. Given: at least 131072/,
  ],
  [
    'texts to tokenize',
    '/tokenize',
    { inputs: Array(20).fill('!'.repeat(90_000)) },
    /`inputs` must have at most 65536 tokens in all. Given: at least 180004/,
  ],
  ...['token-classification', 'summarization'].map((name): [string, string, unknown, RegExp] => [
    `a text to read by windows: ${name}`,
    task(name),
    { inputs: '!'.repeat(1_900_000) },
    /must have at most 8192 tokens. Given: more than 16385/,
  ]),
  [
    'a pair to read by windows',
    task('question-answering'),
    { inputs: { question: '!'.repeat(900_000), context: '!'.repeat(900_000) } },
    /must have at most 8192 tokens. Given: more than 16385/,
  ],
  [
    'many labels for many texts',
    task('zero-shot-classification'),
    { inputs: Array(2000).fill(words(150)), parameters: { candidate_labels: Array(1000).fill('a') } },
    /at most 65536 tokens in all. Given: at least \d+/,
  ],
]

test.each(refused)('refused: %s', async (_, path, body, message) => {
  const response = await worker.post(path, body)
  const text = await response.text()
  expect(text).toMatch(message)
  expect([400, 422]).toContain(response.status)
})

test('a field that nobody knows may be as deep as it likes', async () => {
  const inputs = `{"text": "What a lovely day!", "x": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  const response = await worker.fetch(task('sentiment'), { method: 'POST', body: `{"inputs": ${inputs}}` })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-compute-characters')).toBe('18')
})

test('targets of a joint fill are as many as may be', async () => {
  const targets = Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26)))
  const parameters = { joint: true, top_k: 100, targets }
  const fills = await worker.ask(task('fill-mask'), { inputs: 'a [MASK] [MASK]', parameters })
  expect(fills).toHaveLength(100)
})

test.each([
  ['prompt', `${words(700)} and Paris is the`, 'of France.'],
  ['suffix', 'Paris is the', `of France. ${words(700)}`],
  ['prompt with masks', `[MASK] ${words(700)} [MASK] and Paris is the`, 'of France.'],
])('a gap beside a long %s is filled from what is near it', async (_, prompt, suffix) => {
  const response = await worker.post('/v1/completions', { prompt, suffix, max_tokens: 2, temperature: 0 })
  expect(response.headers.get('x-truncated')).toBe('1')
  const { choices } = (await response.json()) as { choices: { text: string }[] }
  expect(choices[0]?.text).toMatch(/^ [a-z]+/)
})

test('an input of several passes is cut once', async () => {
  const first = words(600)
  for (const [name, inputs] of [
    ['multiple-choice', { context: first, choices: ['a', 'b', 'c'] }],
    ['next-sentence-prediction', { sentences: [first, 'b', 'c'] }],
  ] as const) {
    const response = await worker.post(task(name), { inputs })
    expect([name, response.headers.get('x-truncated')]).toEqual([name, '1'])
  }
})

test('a streamed echo comes with the first word, and is not counted as made', async () => {
  const body = { prompt: 'The weather today is', max_tokens: 4, seed: 7, stream: true, return_full_text: true }
  const response = await worker.post('/tasks/text-generation/v1/completions', body)
  const lines = (await response.text()).split('\n\n').filter((line) => line.startsWith('data: {'))
  const events = lines.map((line) => JSON.parse(line.replace('data: ', '')))
  expect(events[0].choices[0].text).toMatch(/^The weather today is \S+$/)
  expect(events.at(-1).details).toMatchObject({ generated_tokens: 4, input_length: 4 })
})
