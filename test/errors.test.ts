/** Every bad input is a 4xx of its own, with the numbers in it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const words = (count: number) => Array(count).fill('hello').join(' ')

type Case = [name: string, path: string, body: unknown, status: number, message: RegExp, type: string]
const cases: Case[] = [
  ['empty text', '/v1/tasks/text-classification', { inputs: '' }, 400, /`inputs` cannot be empty/, 'Empty'],
  ['empty text in a batch', '/tasks/sentiment', { inputs: ['a', ''] }, 400, /`inputs\[1\]` cannot be empty/, 'Empty'],
  ['empty batch', '/v1/tasks/sentiment', { inputs: [] }, 400, /`inputs` cannot be empty/, 'Empty'],
  ['no inputs', '/v1/tasks/sentiment', {}, 422, /`inputs` .*expected string/, 'Validation'],
  [
    'inputs of a wrong type',
    '/v1/tasks/sentiment',
    { inputs: 7 },
    422,
    /`inputs` .*expected string.*Given: 7/,
    'Validation',
  ],
  [
    'a number in a batch',
    '/v1/tasks/feature-extraction',
    { inputs: ['a', 7] },
    422,
    /`inputs\[1\]` .*Given: 7/,
    'Validation',
  ],
  [
    'parameters of a wrong type',
    '/tasks/sentiment',
    { inputs: 'a', parameters: 'x' },
    422,
    /`parameters` must be an object/,
    'Validation',
  ],
  [
    'top_k too large',
    '/tasks/sentiment',
    { inputs: 'a', parameters: { top_k: 2000 } },
    422,
    /`parameters.top_k` .*1000.*Given: 2000/,
    'Validation',
  ],
  [
    'no mask',
    '/v1/tasks/fill-mask',
    { inputs: 'no mask here' },
    422,
    /No mask_token \(\[MASK\]\) found.*5 tokens/,
    'Validation',
  ],
  [
    '600 tokens with truncate: false',
    '/tasks/sentiment',
    { inputs: words(598), parameters: { truncate: false } },
    422,
    /512 tokens. Given: 600/,
    'Validation',
  ],
  [
    '65,537 tokens in a batch',
    '/v1/tasks/feature-extraction',
    { inputs: Array(200).fill(words(510)) },
    422,
    /65536 tokens in all. Given: 102400/,
    'Validation',
  ],
  [
    'too many inputs',
    '/v1/tasks/feature-extraction',
    { inputs: Array(2049).fill('a') },
    422,
    /2048 elements. Given: 2049/,
    'Validation',
  ],
  [
    'dimensions',
    '/tasks/feature-extraction',
    { inputs: 'a', dimensions: 385 },
    422,
    /between 1 and 384. Given: 385/,
    'Validation',
  ],
  [
    'more candidates than fit',
    '/tasks/fill-mask',
    { inputs: '[MASK] '.repeat(100), parameters: { top_k: 101 } },
    422,
    /`top_k` must make at most 10000 candidates in all. Given: 10100 for 100 masks/,
    'Validation',
  ],
  [
    'more candidates than fit, of many texts',
    '/v1/tasks/fill-mask',
    { inputs: Array(11).fill('[MASK]'), parameters: { top_k: 1000 } },
    422,
    /`top_k` must make at most 10000 candidates in all. Given: 11000 for 11 masks/,
    'Validation',
  ],
  [
    'targets without any',
    '/tasks/fill-mask',
    { inputs: '[MASK]', parameters: { targets: [] } },
    422,
    /At least one target/,
    'Validation',
  ],
  [
    'an unknown model',
    '/models/no-such-model',
    { inputs: 'a' },
    404,
    /unknown model "no-such-model"; installed: multitask-minilm/,
    'NotFound',
  ],
  [
    'an unknown model in the body',
    '/tasks/sentiment',
    { inputs: 'a', model: 'x/y' },
    404,
    /unknown model "x\/y"/,
    'NotFound',
  ],
  ['a model path that climbs', '/models/..%2F..%2Fpackage.json', { inputs: 'a' }, 404, /unknown model/, 'NotFound'],
  [
    'an unknown task',
    '/v1/tasks/translation',
    { inputs: 'a' },
    404,
    /unknown task "translation"; tasks are fill-mask/,
    'NotFound',
  ],
  [
    'a head the model lacks',
    '/tasks/sentiment',
    { inputs: 'a', model: 'all-MiniLM-L6-v2' },
    422,
    /has no head "sentiment"; it has no heads, only embeddings/,
    'Validation',
  ],
  ['a list for a body', '/tasks/sentiment', [1, 2], 422, /must be a JSON object. Given: an array of 2/, 'Validation'],
  ['/tokenize without inputs', '/tokenize', {}, 422, /`inputs` .*expected/, 'Validation'],
]

test.each(cases)('%s', async (_, path, body, status, message, type) => {
  const response = await worker.post(path, body)
  const answer = (await response.json()) as { error: string; error_type: string }
  expect(answer.error).toMatch(message)
  expect(answer.error_type).toBe(type)
  expect(response.status).toBe(status)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-request-id')).toBeTruthy()
})

test.each(['', '{"inputs": ', 'not json'])('a body that is not JSON: %j', async (body) => {
  const response = await worker.fetch('/v1/tasks/sentiment', { method: 'POST', body })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    error: expect.stringContaining(`${body.length} characters is not JSON`),
  })
})

test.each([3_000_000, 9_000_000])('a body of %d bytes', async (length) => {
  const response = await worker.post('/v1/tasks/sentiment', { inputs: 'x'.repeat(length) })
  expect(response.status).toBe(413)
  const { error } = (await response.json()) as { error: string }
  expect(error).toContain(`at most 2000000 bytes. Given: ${length + 13}`)
})

test('a body of 3 MB in chunks, without a content-length', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(100_000))
  let left = 30
  const body = new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
  })
  const response = await worker.fetch('/v1/tasks/sentiment', { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect(response.status).toBe(413)
  await response.body?.cancel()
})

test('JSON is read whatever the content type says', async () => {
  const body = JSON.stringify({ inputs: 'What a lovely day!' })
  const response = await worker.fetch('/v1/tasks/sentiment', {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain' },
  })
  expect(response.status).toBe(200)
})

test('600 tokens are cut by default, and the answer says so', async () => {
  const response = await worker.post('/v1/tasks/sentiment', { inputs: [words(598), 'short'] })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-truncated')).toBe('1')
})

test('text that cleans up to nothing gets an answer', async () => {
  const answers = await worker.ask('/v1/tasks/sentiment', { inputs: ['\t', '\u0007'] })
  expect(answers).toHaveLength(2)
})

test('other methods and paths are a JSON 404', async () => {
  for (const path of ['/nothing', '/v1/nothing', '/v1/tasks/fill-mask']) {
    const response = await worker.fetch(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toHaveProperty('error')
  }
})
