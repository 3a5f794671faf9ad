/** Cohere's API, both versions, and Jina's rerank body, with plain fetch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const query = 'Where do penguins live?'
const documents = ['Paris is the capital of France.', 'Penguins live in Antarctica.', 'Stocks fell today.']

describe('rerank', () => {
  test.each(['/v2/rerank', '/v1/rerank'])('%s: sorted, in [0, 1], top_n, meta', async (path) => {
    const all = await worker.ask(path, { model: 'default', query, documents })
    const scores = all.results.map(({ relevance_score }: { relevance_score: number }) => relevance_score)
    expect(all.results).toHaveLength(3)
    expect(all.results[0].index).toBe(1)
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a))
    for (const score of scores) expect(score >= 0 && score <= 1).toBe(true)
    expect(all).toMatchObject({
      id: expect.any(String),
      model: 'all-MiniLM-L6-v2',
      meta: { api_version: { version: path.slice(2, 3) }, billed_units: { search_units: 1 } },
      usage: { total_tokens: expect.any(Number) },
    })
    const best = await worker.ask(path, { model: 'bert', query, documents, top_n: 2 })
    expect(best.results).toEqual(all.results.slice(0, 2))
  })

  test('documents as objects, rank_fields, return_documents', async () => {
    const body = {
      query,
      documents: [{ text: 'a', title: 'Penguins live in Antarctica.' }, 'b'],
      rank_fields: ['title'],
      return_documents: true,
      top_n: 1,
    }
    const { results } = await worker.ask('/v1/rerank', body)
    expect(results).toEqual([
      { index: 0, relevance_score: expect.any(Number), document: { text: 'Penguins live in Antarctica.' } },
    ])
  })

  test('max_tokens_per_doc below the maximum is not passed over in silence', async () => {
    const response = await worker.post('/v2/rerank', { query, documents, max_tokens_per_doc: 100 })
    expect(response.headers.get('x-warning')).toMatch(/max_tokens_per_doc 100 is not applied/)
    const embedding = await worker.post('/v2/embed', { texts: ['hi'], max_tokens: 100 })
    expect(embedding.headers.get('x-warning')).toMatch(/max_tokens 100 is not applied/)
  })
})

describe('embed', () => {
  test('v2: vectors by type', async () => {
    const texts = ['hi', 'there']
    const body = { model: 'default', texts, input_type: 'search_query', embedding_types: ['float', 'base64'] }
    const answer = await worker.ask('/v2/embed', body)
    expect(answer).toMatchObject({ texts, meta: { billed_units: { input_tokens: 6 } } })
    expect(answer.embeddings.float).toEqual(await worker.ask('/embed', { inputs: texts }))
    expect(Buffer.from(answer.embeddings.base64[0], 'base64').readFloatLE(0)).toBe(answer.embeddings.float[0][0])
  })

  test('v1: plain lists', async () => {
    const answer = await worker.ask('/v1/embed', { texts: ['hi'] })
    expect(answer).toMatchObject({ response_type: 'embeddings_floats', texts: ['hi'], id: expect.any(String) })
    expect(answer.embeddings).toEqual(await worker.ask('/embed', { inputs: ['hi'] }))
  })

  test('truncate END, START and NONE', async () => {
    const long = `${'hello '.repeat(600)} penguin`
    const cut = await worker.post('/v2/embed', { texts: [long, 'short'], truncate: 'END' })
    expect(cut.headers.get('x-truncated')).toBe('1')
    const end = (await cut.json()) as { embeddings: { float: number[][] } }
    const start = await worker.ask('/v2/embed', { texts: [long], truncate: 'START' })
    expect(start.embeddings.float[0]).not.toEqual(end.embeddings.float[0])
    const none = await worker.post('/v2/embed', { texts: [long], truncate: 'NONE' })
    expect(none.status).toBe(422)
    expect(await none.json()).toMatchObject({ message: expect.stringMatching(/512 tokens. Given: 60\d/) })
  })

  test('output_dimension', async () => {
    const { embeddings } = await worker.ask('/v2/embed', { texts: ['hi'], output_dimension: 32 })
    expect(embeddings.float[0]).toHaveLength(32)
  })
})

test('tokenize gives the word pieces of the text alone', async () => {
  const answer = await worker.ask('/v1/tokenize', { text: 'tokenize me', model: 'default' })
  expect(answer).toMatchObject({ tokens: [19204, 4697, 2033], token_strings: ['token', '##ize', 'me'] })
})

test.each([
  ['an empty query', '/v2/rerank', { query: '', documents }, 400, /`query` cannot be empty/],
  ['no documents', '/v2/rerank', { query, documents: [] }, 400, /`documents` cannot be empty/],
  ['an empty document', '/v1/rerank', { query, documents: ['a', ''] }, 400, /`documents\[1\]` cannot be empty/],
  [
    'a document without text',
    '/v1/rerank',
    { query, documents: [{ title: 'a' }] },
    422,
    /`documents\[0\]` has no text/,
  ],
  ['top_n 0', '/v2/rerank', { query, documents, top_n: 0 }, 422, /`top_n` .*Given: 0/],
  ['2,049 documents', '/v2/rerank', { query, documents: Array(2049).fill('a') }, 422, /at most 2048 .*Given: 2049/],
  ['no texts', '/v2/embed', { texts: [] }, 400, /`texts` cannot be empty/],
  ['an empty text', '/v1/embed', { texts: [''] }, 400, /`texts\[0\]` cannot be empty/],
  ['another type', '/v2/embed', { texts: ['a'], embedding_types: ['int8'] }, 422, /embedding_types/],
  ['an unknown model', '/v2/rerank', { model: 'rerank-v3.5', query, documents }, 404, /unknown model "rerank-v3.5"/],
  ['an empty text to tokenize', '/v1/tokenize', { text: '' }, 400, /`text` cannot be empty/],
  ['classify', '/v1/classify', { inputs: ['a'] }, 404, /no route/],
])('%s', async (_, path, body, status, message) => {
  const response = await worker.post(path, body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ message: expect.stringMatching(message) })
})
