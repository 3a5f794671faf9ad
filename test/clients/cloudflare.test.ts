/** Cloudflare's SDK: client.ai.run against another base URL. The binding's shape: test/rpc.test.ts. */
import Cloudflare from 'cloudflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, native, startCounted, TEXTS } from './support.ts'

let counted: Counted
let cloudflare: Cloudflare
beforeAll(async () => {
  counted = await startCounted()
  cloudflare = new Cloudflare({ apiToken: 'token', baseURL: `${counted.base}/client/v4` })
})
afterAll(() => counted.stop())

const run = (model: string, body: object): Promise<unknown> =>
  cloudflare.ai.run(model, { account_id: 'acc', ...body } as never)

interface Embeddings {
  shape: number[]
  data: number[][]
  pooling: string
}

test('embeddings: the model’s name goes with its slashes encoded', async () => {
  counted.arrived()
  const { shape, data, pooling } = (await run('@cf/baai/bge-small-en-v1.5', { text: TEXTS })) as Embeddings
  expect({ shape, pooling }).toEqual({ shape: [3, 384], pooling: 'mean' })
  expect(counted.arrived()).toEqual(['POST /client/v4/accounts/acc/ai/run/@cf%2Fbaai%2Fbge-small-en-v1.5 200'])
  expectVectors(data, await native(counted.worker, TEXTS))
})

test('embeddings of the [CLS] row', async () => {
  const { data, pooling } = (await run('@cf/baai/bge-small-en-v1.5', { text: 'a', pooling: 'cls' })) as Embeddings
  expect(pooling).toBe('cls')
  expectVectors(data, await native(counted.worker, ['a'], { pooling: 'cls' }))
})

test('contexts without a query are embedded, as bge-m3 does', async () => {
  const contexts = TEXTS.map((text) => ({ text }))
  const { response } = (await run('all-MiniLM-L6-v2', { contexts, truncate_inputs: true })) as { response: number[][] }
  expectVectors(response, await native(counted.worker, TEXTS))
})

test('rerank', async () => {
  const contexts = [{ text: 'Stocks fell today.' }, { text: 'Penguins live in Antarctica.' }]
  const answer = await run('@cf/baai/bge-reranker-base', { query: 'Where do penguins live?', contexts, top_k: 1 })
  expect(answer).toEqual({ response: [{ id: 1, score: expect.any(Number) }] })
})

test('classification', async () => {
  const answer = (await run('@cf/huggingface/distilbert-sst-2-int8', { text: 'What a wonderful day!' })) as {
    label: string
    score: number
  }[]
  expect(answer.map(({ label }) => label)).toEqual(['NEGATIVE', 'POSITIVE'])
  expect(answer[1]?.score).toBeGreaterThan(0.5)
})

describe('errors: the client’s own, after one request', () => {
  test.each([
    ['an empty text', '@cf/baai/bge-small-en-v1.5', { text: '' }, Cloudflare.BadRequestError, 5006],
    ['no text', '@cf/baai/bge-small-en-v1.5', {}, Cloudflare.UnprocessableEntityError, 5006],
    ['an unknown model', '@cf/meta/llama-3-8b-instruct', { prompt: 'a' }, Cloudflare.NotFoundError, 5007],
    [
      'a long text that may not be cut',
      '@cf/baai/bge-small-en-v1.5',
      { text: 'hello '.repeat(600), truncate_inputs: false },
      Cloudflare.UnprocessableEntityError,
      5006,
    ],
  ])('%s', async (_, model, body, type, code) => {
    counted.arrived()
    const error = await failure(run(model, body))
    expect(error).toBeInstanceOf(type)
    expect(error.errors).toEqual([{ code, message: expect.any(String) }])
    expect(counted.arrived()).toHaveLength(1)
  })
})
