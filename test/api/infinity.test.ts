/** Infinity's and Workers AI's APIs with plain fetch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const query = 'Where do penguins live?'
const documents = ['Paris is the capital of France.', 'Penguins live in Antarctica.', 'Stocks fell today.']

describe('Infinity', () => {
  test('/embeddings: OpenAI at the root, dimensions 0 is all of them', async () => {
    const body = { model: 'default', input: ['hi'], modality: 'text' }
    const answer = await worker.ask('/embeddings', { ...body, dimensions: 0 })
    expect(answer).toMatchObject({
      object: 'list',
      id: expect.stringMatching(/^infinity-/),
      created: expect.any(Number),
    })
    expect(answer.data).toEqual((await worker.ask('/v1/embeddings', body)).data)
  })

  test('a base URL with /v1, and what its client sends when nobody names a model', async () => {
    const unnamed = { model: 'default/not-specified' }
    const body = { ...unnamed, input: ['hi'], modality: 'text', dimensions: 0 }
    expect((await worker.ask('/v1/embeddings', body)).data[0].embedding).toHaveLength(384)
    const ranking = { ...unnamed, query, documents, raw_scores: true }
    expect((await worker.ask('/v1/rerank', ranking)).results).toEqual((await worker.ask('/rerank', ranking)).results)
    expect((await worker.ask('/classify', { ...unnamed, input: ['Terrible.'] })).data[0][0].label).toBe('negative')
  })

  test('/rerank: documents are strings, top_n and raw_scores count', async () => {
    const body = { query, documents, top_n: 2, return_documents: true }
    const answer = await worker.ask('/rerank', body)
    expect(answer).toMatchObject({ object: 'rerank', usage: { total_tokens: expect.any(Number) } })
    expect(answer.results).toHaveLength(2)
    expect(answer.results[0]).toMatchObject({ index: 1, document: documents[1] })
    const raw = await worker.ask('/rerank', { ...body, raw_scores: true })
    expect(raw.results[0].relevance_score).toBeCloseTo(2 * answer.results[0].relevance_score - 1, 6)
  })

  test('/classify: a list of labels for each text', async () => {
    const answer = await worker.ask('/classify', { input: ['What a lovely day!', 'Terrible.'] })
    expect(answer.object).toBe('classify')
    expect(answer.data.map(([best]: { label: string }[]) => best?.label)).toEqual(['positive', 'negative'])
    const raw = await worker.ask('/classify', { input: ['What a lovely day!'], raw_scores: true })
    expect(raw.data[0][0].score).toBeGreaterThan(1)
  })

  test('/models says what each can do', async () => {
    const { data } = (await (await worker.fetch('/models')).json()) as {
      data: { capabilities: string[]; owned_by: string }[]
    }
    expect(data.map(({ owned_by }) => owned_by)).toEqual(['infinity', 'infinity'])
    expect(data.map(({ capabilities }) => capabilities)).toEqual([
      ['embed', 'rerank', 'classify'],
      ['embed', 'rerank'],
    ])
  })

  test.each([
    ['an empty list', '/embeddings', { input: [] }, 400],
    ['no input', '/classify', {}, 422],
    ['top_n 0', '/rerank', { query, documents, top_n: 0 }, 422],
    ['an unknown model', '/rerank', { model: 'x/y', query, documents }, 404],
    ['an unknown model', '/embeddings', { model: 'x/y', input: 'a' }, 404],
  ])('%s', async (_, path, body, status) => {
    const response = await worker.post(path, body)
    expect(response.status).toBe(status)
    const answer = await response.json()
    expect(answer).toMatchObject({ error: { message: expect.any(String), type: 'invalid_request_error' } })
    if (status === 422) expect(answer).toMatchObject({ detail: [{ loc: expect.any(Array), msg: expect.any(String) }] })
  })
})

describe('Workers AI', () => {
  const run = (model: string, body: unknown) => worker.post(`/client/v4/accounts/any/ai/run/${model}`, body)
  const result = async (model: string, body: unknown) => {
    const answer = (await (await run(model, body)).json()) as { result: never }
    expect(answer).toMatchObject({ success: true, errors: [], messages: [] })
    return answer.result
  }

  test.each(['@cf/baai/bge-small-en-v1.5', '@cf%2Fbaai%2Fbge-small-en-v1.5'])('embeddings: %s', async (model) => {
    const answer = await result(model, { text: ['hi', 'there'] })
    expect(answer).toEqual({
      shape: [2, 384],
      data: await worker.ask('/embed', { inputs: ['hi', 'there'] }),
      pooling: 'mean',
    })
    expect(await result(model, { text: 'hi', pooling: 'cls' })).toMatchObject({ shape: [1, 384], pooling: 'cls' })
  })

  test('rerank: ids of contexts, best first, top_k', async () => {
    const body = { query, contexts: documents.map((text) => ({ text })), top_k: 2 }
    const { response } = (await result('@cf/baai/bge-reranker-base', body)) as { response: object[] }
    expect(response).toHaveLength(2)
    expect(response[0]).toEqual({ id: 1, score: expect.any(Number) })
  })

  test('classification: flat, in upper case, in the order of the labels', async () => {
    const answer = await result('@cf/huggingface/distilbert-sst-2-int8', { text: 'What a lovely day!' })
    expect(answer).toEqual([
      { label: 'NEGATIVE', score: expect.any(Number) },
      { label: 'POSITIVE', score: expect.any(Number) },
    ])
    expect((answer as { score: number }[])[1]?.score).toBeGreaterThan(0.8)
  })

  test.each([
    ['no text', '@cf/baai/bge-small-en-v1.5', {}, 422, 5006],
    ['an empty text', '@cf/baai/bge-small-en-v1.5', { text: '' }, 400, 5006],
    ['another pooling', '@cf/baai/bge-small-en-v1.5', { text: 'a', pooling: 'sum' }, 422, 5006],
    ['contexts without a query', '@cf/baai/bge-reranker-base', { contexts: [{ text: 'a' }] }, 422, 5006],
    ['no contexts', '@cf/baai/bge-reranker-base', { query, contexts: [] }, 400, 5006],
    ['an unknown model', '@cf/meta/llama-3-8b-instruct', { prompt: 'a' }, 404, 5007],
  ])('%s', async (_, model, body, status, code) => {
    const response = await run(model, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({
      result: null,
      success: false,
      errors: [{ code, message: expect.any(String) }],
      messages: [],
    })
  })
})
