/** What one request may take of an isolate, and hold of its bound; and that a refusal names what its contract has. */
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const words = (count: number) => Array(count).fill('hello').join(' ')
const long = { query: 'a', truncate: false }
const many = Array.from({ length: 2000 }, (_, i) => `${words(40)} ${i}`)
const rerank = '/client/v4/accounts/a/ai/run/@cf/baai/bge-reranker-base'
const MEGABYTE = 'a '.repeat(500_000)

const refused: [name: string, path: string, body: unknown, message: RegExp][] = [
  [
    'fields to rank by without end',
    '/v2/rerank',
    { query: 'a', documents: [{ t: 'x'.repeat(50_000) }], rank_fields: Array(20_000).fill('t') },
    /`rank_fields` must have at most 100 elements. Given: 20000/,
  ],
  [
    'a document without any of the fields',
    '/v2/rerank',
    { query: 'a', documents: [{ t: 'x' }], rank_fields: ['f'.repeat(50_000)] },
    /^.{0,20}`documents\[0\]` has no text in any of `rank_fields`/,
  ],
  [
    'more new tokens than there is time for',
    '/v1/completions',
    { prompt: 'a', n: 128, max_tokens: 7 },
    /prompts × n × `max_tokens` must be at most 840. Given: 896/,
  ],
  [
    'a streamed echo, which repeats a prompt twice',
    '/v1/completions',
    { prompt: MEGABYTE, n: 6, max_tokens: 1, echo: true, stream: true },
    /`echo` repeats at most 5000000 characters of prompts. Given: 6000000/,
  ],
  ['faults in lists', '/decode', { ids: Array(10).fill(Array(60_000).fill(-1)) }, /`ids\[0\]\[0\]` too small.*-1/],
  ['a fault at the end', '/decode', { ids: [1, 2, 1.5] }, /`ids\[2\]` invalid input: expected int.*Given: 1.5/],
  ['too many lists', '/decode', { ids: Array(3000).fill([1]) }, /`ids` must have at most 2048 elements. Given: 3000/],
  ['numbers for texts', '/predict', { inputs: Array(600_000).fill(1) }, /`inputs` must have at most 2 elements/],
  ['numbers for pairs', '/predict', { inputs: [['a'], ...Array(600_000).fill(1)] }, /at most 2048.*Given: 600001/],
  [
    'faults in tokens',
    '/v1/embeddings',
    { input: Array(2000).fill(Array(300).fill(-1)) },
    /`input\[0\]\[0\]` too small/,
  ],
  ['texts over the tokens of a request', '/rerank', { query: 'a', texts: many }, /`texts` must have at most 65536/],
  [
    'tokens that stand for far more text than they take',
    '/v1/embeddings',
    { input: Array(5).fill(Array(60_000).fill(58_040)) },
    /`input` must have at most 4000000 bytes of text. Given: 38700000/,
  ],
  [
    'a text that is read for each of many labels',
    '/v1/tasks/zero-shot-classification',
    {
      inputs: Array(5).fill('\u302e'.repeat(128_000)),
      parameters: { candidate_labels: Array.from({ length: 1000 }, (_, i) => `a${i}`) },
    },
    /each of `candidate_labels`, must have at most 20000000 characters in all. Given: 128000000/,
  ],
  [
    'a context that is read for each of many choices',
    '/v1/tasks/multiple-choice',
    { inputs: Array(2).fill({ context: '\u302e'.repeat(128_000), choices: Array(100).fill('a') }) },
    /each of `choices`, must have at most 20000000 characters in all. Given: 25600000/,
  ],
  [
    'more sentences than can be compared',
    '/v1/tasks/summarization',
    { inputs: '!\n'.repeat(8000), parameters: { num_sentences: 7999 } },
    /a summary of 8000 sentences must have at most 500 of them, or all. Given: 7999/,
  ],
  [
    'more sentences than can be compared, where not all have room',
    '/v1/tasks/summarization',
    { inputs: 'a!\n'.repeat(4000), parameters: { ratio: 1, max_length: 7000 } },
    /a summary of 4000 sentences must have at most 1000 of them, or all. Given: 4000/,
  ],
  [
    'lines of which no token stays',
    '/v1/tasks/summarization',
    { inputs: '\u00ad\u0085'.repeat(490_000) },
    /must have at most 8192 sentences. Given: more than 8192/,
  ],
  [
    'a query too long',
    rerank,
    { query: words(600), contexts: [{ text: 'a' }], truncate_inputs: false },
    /`query` must have at most 512 tokens. Given: 602/,
  ],
  [
    'a text too long',
    '/rerank',
    { ...long, texts: ['a', words(600)] },
    /`texts\[1\]` must have at most 512 tokens. Given: 602/,
  ],
  ['documents', '/v2/rerank', { query: 'a', documents: many }, /`documents` must have at most 65536/],
  ['contexts', rerank, { query: 'a', contexts: many.map((text) => ({ text })) }, /`contexts` must have at most 65536/],
  ['dimensions', '/v2/embed', { texts: ['a'], output_dimension: 999 }, /`output_dimension` must be between 1 and 384/],
  ['truncate', '/embed', { inputs: 'a', truncate: 'x' }, /"`truncate` invalid input/],
  ['an image', '/embeddings', { input: 'https://x.y/z.png', modality: 'image' }, /`modality`.*Given: \\"image\\"/],
  [
    'an instance without inputs',
    '/vertex',
    { instances: [{ inputs: 'a' }, { inputs: [] }] },
    /`instances\[1\].inputs` cannot be empty/,
  ],
  ['an instance without a field', '/vertex', { instances: [{}] }, /`instances\[0\].inputs` is required/],
  [
    'a name without end',
    '/v1/embeddings',
    { input: 'a', model: 'x'.repeat(100_000) },
    /unknown model of 100000 characters; installed/,
  ],
]

test.each(refused)('refused: %s', async (_, path, body, message) => {
  const response = await worker.post(path, body)
  const text = await response.text()
  expect(text).toMatch(message)
  expect(text.length).toBeLessThan(500)
  expect([400, 404, 422]).toContain(response.status)
})

test('Infinity says where the fault is as FastAPI does', async () => {
  const locate = async (path: string, body: unknown) => {
    const answer = (await (await worker.post(path, body)).json()) as { detail: { loc: unknown }[] }
    return answer.detail[0]?.loc
  }
  expect(await locate('/rerank', { query: 'a', documents: many })).toEqual(['body', 'documents'])
  expect(await locate('/rerank', { query: 'a', documents: ['a', { text: 1 }] })).toEqual(['body', 'documents'])
  expect(await locate('/embeddings', { input: 'a', dimensions: 999 })).toEqual(['body', 'dimensions'])
})

test('a field of a document is read once', async () => {
  const body = {
    query: 'a',
    documents: [{ t: 'x', u: 'y' }],
    rank_fields: ['t', 't', 'u', 't'],
    return_documents: true,
  }
  expect((await worker.ask('/v2/rerank', body)).results[0].document).toEqual({ text: 'x\ny' })
})

test('a gap reads one mask for each token', async () => {
  const body = { prompt: 'Paris is the', suffix: 'of France.', max_tokens: 20, temperature: 0, top_k: 1000 }
  const response = await worker.post('/v1/completions', body)
  expect([response.status, response.headers.get('x-encoder-passes')]).toEqual([200, '20'])
  const { choices } = (await response.json()) as { choices: { text: string }[] }
  expect(choices[0]?.text).toMatch(/^( \S+){10}/)
})

test('a sparse vector takes one pass', async () => {
  const response = await worker.post('/embed_sparse', { inputs: words(510) })
  expect([response.status, response.headers.get('x-encoder-passes')]).toEqual([200, '1'])
  const [weights] = (await response.json()) as { index: number; value: number }[][]
  expect(weights?.length).toBeGreaterThan(1000)
})

test('seeds go on from 0 behind the largest', async () => {
  const complete = async (given: object) => {
    const { choices } = await worker.ask('/v1/completions', { prompt: 'It is a', max_tokens: 3, ...given })
    return choices.map(({ text }: { text: string }) => text)
  }
  const [, second] = await complete({ n: 2, seed: Number.MAX_SAFE_INTEGER })
  expect(await complete({ seed: 0 })).toEqual([second])
})

test('tokens of a prompt are counted up to 65,536', async () => {
  const prompt = '!'.repeat(100_000)
  const { usage } = await worker.ask('/v1/completions', { prompt, max_tokens: 1 })
  expect(usage.prompt_tokens).toBe(65_536)
  const parameters = { details: true, max_new_tokens: 1 }
  const [{ details }] = await worker.ask('/v1/tasks/text-generation', { inputs: prompt, parameters })
  expect(details.input_length).toBe(65_536)
})

test('an empty x-request-id is none', async () => {
  const { headers } = await worker.fetch('/ping', { headers: { 'x-request-id': '' } })
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('an answer counts until it is read, or the reader has gone', async () => {
  // Four bodies of 1.9 MB are nearly all that may be in flight; each is answered with five times as much.
  const echo = { prompt: 'a '.repeat(950_000), n: 5, max_tokens: 1, echo: true }
  const another = async () => (await worker.post('/v1/completions', { prompt: MEGABYTE, max_tokens: 1 })).status
  const answers = [await postUnread(echo), await postUnread(echo), await postUnread(echo), await postUnread(echo)]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  expect(await another()).toBe(429)

  const [read, ...gone] = answers as [IncomingMessage, ...IncomingMessage[]]
  expect(await json(read)).toMatchObject({ choices: Array(5).fill({ finish_reason: 'length' }) })
  expect(await another()).toBe(200)
  for (const answer of gone) answer.destroy()
  const fill = async () => (await Promise.all(Array.from({ length: 6 }, another))).every((status) => status === 200)
  await expect.poll(fill).toBe(true)
}, 120_000)

/** Posts with a client that leaves the answer where it is; fetch reads ahead. */
function postUnread(body: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const posted = request(new URL('/v1/completions', worker.url).href, { method: 'POST' }, resolve)
    posted.on('error', reject).end(JSON.stringify(body))
  })
}
