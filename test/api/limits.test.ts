/** Large calls: 512 inputs work on every batch route, 2,048 work or are refused with the number; nothing is dropped. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const texts = Array.from({ length: 512 }, (_, i) => `${i}`)
const query = '7'
const contexts = texts.map((text) => ({ text }))

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Count = (answer: any) => number
const cases: [path: string, body: object, count: Count][] = [
  ['/v1/embeddings', { input: texts, encoding_format: 'base64' }, ({ data }) => data.length],
  ['/embeddings', { input: texts }, ({ data }) => data.length],
  ['/embed', { inputs: texts }, (vectors) => vectors.length],
  ['/v2/embed', { texts }, ({ embeddings }) => embeddings.float.length],
  ['/v1/tasks/feature-extraction', { inputs: texts }, (vectors) => vectors.length],
  ['/client/v4/accounts/a/ai/run/@cf/baai/bge-small-en-v1.5', { text: texts }, ({ result }) => result.data.length],
  ['/client/v4/accounts/a/ai/run/@cf/baai/bge-reranker-base', { query, contexts }, (a) => a.result.response.length],
  ['/rerank', { query, texts }, (ranked) => ranked.length],
  ['/rerank', { query, documents: texts }, ({ results }) => results.length],
  ['/v2/rerank', { query, documents: texts }, ({ results }) => results.length],
  ['/similarity', { inputs: { source_sentence: query, sentences: texts } }, (cosines) => cosines.length],
  ['/predict', { inputs: texts.map((text) => [text]) }, (answers) => answers.length],
  ['/classify', { input: texts }, ({ data }) => data.length],
  ['/v1/tasks/sentiment', { inputs: texts }, (answers) => answers.length],
  ['/v1/tasks/fill-mask', { inputs: texts.map((text) => `${text} [MASK]`) }, (answers) => answers.length],
  ['/tokenize', { inputs: texts }, (lists) => lists.length],
  ['/decode', { ids: texts.map((_, i) => [1000 + i]) }, (lists) => lists.length],
  ['/vertex', { instances: texts.map((inputs) => ({ inputs })) }, ({ predictions }) => predictions.length],
  ['/embed_all', { inputs: texts }, (lists) => lists.length],
  ['/embed_sparse', { inputs: texts }, (lists) => lists.length],
]

test.each(cases)('512 inputs: %s', async (path, body, count) => {
  expect(count(await worker.ask(path, body))).toBe(512)
})

test('2,048 inputs work, each in its place; 2,049 are refused with the number', async () => {
  const inputs = Array.from({ length: 2048 }, (_, i) => `${i}`)
  const vectors = await worker.ask('/embed', { inputs, dimensions: 8 })
  expect(vectors).toHaveLength(2048)
  for (const i of [0, 1023, 2047]) {
    expect(await worker.ask('/embed', { inputs: inputs[i], dimensions: 8 })).toEqual([vectors[i]])
  }
  const { max_client_batch_size } = (await (await worker.fetch('/info')).json()) as { max_client_batch_size: number }
  expect(max_client_batch_size).toBe(2048)
  const refused = await worker.post('/embed', { inputs: [...inputs, 'a'] })
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ error: '`inputs` must have at most 2048 elements. Given: 2049' })
})

test.each(['/embed_all', '/embed_sparse'])('%s answers fewer, and says how many', async (path) => {
  const refusal = async (inputs: string[]) => {
    const response = await worker.post(path, { inputs })
    return [response.status, ((await response.json()) as { error: string }).error]
  }
  const tokens = '`inputs` must have at most 8192 tokens in all. Given: 10240'
  expect(await refusal(Array(20).fill('hello '.repeat(510)))).toEqual([422, tokens])
  expect(await refusal(Array(513).fill('a'))).toEqual([422, '`inputs` must have at most 512 elements. Given: 513'])
})

test('the heap stays in its budget', async () => {
  const { peak_bytes, budget_bytes } = await worker.health()
  expect(peak_bytes).toBeLessThanOrEqual(budget_bytes)
})
