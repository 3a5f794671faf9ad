/** cohere-ai, both versions of its API. */
import { type Cohere, CohereClient, CohereClientV2, CohereError } from 'cohere-ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, native, startCounted, TEXTS } from './support.ts'

let counted: Counted
let v1: CohereClient
let v2: CohereClientV2
beforeAll(async () => {
  counted = await startCounted()
  v1 = new CohereClient({ token: 'co', environment: counted.base })
  v2 = new CohereClientV2({ token: 'co', baseUrl: counted.base })
})
afterAll(() => counted.stop())

const model = 'bert'
const query = 'Where do penguins live?'
const documents = ['Paris is the capital of France.', 'Penguins live in Antarctica.', 'Stocks fell today.']

describe('rerank', () => {
  test('v2: best first, scores in [0, 1], as many as topN', async () => {
    const all = await v2.rerank({ model, query, documents })
    const scores = all.results.map(({ relevanceScore }) => relevanceScore)
    expect(all.results).toHaveLength(3)
    expect(all.results[0]?.index).toBe(1)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    for (const score of scores) expect(score >= 0 && score <= 1).toBe(true)
    expect(all.meta?.apiVersion?.version).toBe('2')
    expect(all.meta?.billedUnits?.searchUnits).toBe(1)
    const two = await v2.rerank({ model, query, documents, topN: 2, maxTokensPerDoc: 512 })
    expect(two.results).toEqual(all.results.slice(0, 2))
  })

  test('v1: documents as objects, given back', async () => {
    const { results } = await v1.rerank({
      ...{ query, model, topN: 1, returnDocuments: true, rankFields: ['text'] },
      documents: [{ text: documents[0] as string }, documents[1] as string],
    })
    expect(results).toEqual([
      { index: 1, relevanceScore: expect.any(Number), document: expect.objectContaining({ text: documents[1] }) },
    ])
  })

  test('200 documents', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `${i}`)
    const { results } = await v2.rerank({ model, query: '77', documents: many })
    expect(new Set(results.map(({ index }) => index)).size).toBe(200)
    expect(results[0]?.index).toBe(77)
  })
})

describe('embed', () => {
  test('v2: by type', async () => {
    const { embeddings, texts, meta } = await v2.embed({
      ...{ model, texts: TEXTS, inputType: 'search_document', embeddingTypes: ['float'] },
    })
    expectVectors(embeddings.float as number[][], await native(counted.worker, TEXTS))
    expect(texts).toEqual(TEXTS)
    expect(meta?.billedUnits?.inputTokens).toBeGreaterThan(10)
  })

  test('v2: 96 texts (its own most), fewer dimensions', async () => {
    const texts = Array.from({ length: 96 }, (_, i) => `${i}`)
    const wanted: Partial<Cohere.V2EmbedRequest> = { embeddingTypes: ['float'], outputDimension: 32 }
    const { embeddings } = await v2.embed({ model, texts, inputType: 'clustering', ...wanted })
    expect(embeddings.float).toHaveLength(96)
    expectVectors([embeddings.float?.at(-1) as number[]], await native(counted.worker, ['95'], { dimensions: 32 }))
  })

  test('v1: plain lists', async () => {
    const answer = await v1.embed({ texts: TEXTS, model })
    expect(answer.responseType).toBe('embeddings_floats')
    expectVectors(answer.embeddings as number[][], await native(counted.worker, TEXTS))
  })

  test('truncate NONE refuses a long text, with both numbers', async () => {
    const texts = ['hello '.repeat(600)]
    const error = await failure(v2.embed({ model, texts, inputType: 'search_query', truncate: 'NONE' }))
    expect(error.message).toMatch(/512 tokens. Given: 602/)
  })
})

test('tokenize', async () => {
  const { tokens, tokenStrings } = await v1.tokenize({ text: 'tokenize me', model })
  expect({ tokens, tokenStrings }).toEqual({ tokens: [19204, 4697, 2033], tokenStrings: ['token', '##ize', 'me'] })
})

describe('errors: the client’s own, after one request', () => {
  test.each([
    ['an empty query', () => v2.rerank({ model, query: '', documents }), 400, 'BadRequestError', /`query` cannot be/],
    ['no documents', () => v1.rerank({ query, documents: [] }), 400, 'BadRequestError', /`documents` cannot be empty/],
    ['topN 0', () => v2.rerank({ model, query, documents, topN: 0 }), 422, 'UnprocessableEntityError', /Given: 0/],
    [
      '2,049 documents',
      () => v2.rerank({ model, query, documents: Array(2049).fill('a') }),
      ...([422, 'UnprocessableEntityError', /at most 2048 .*Given: 2049/] as const),
    ],
    [
      'an unknown model',
      () => v2.embed({ model: 'embed-v4.0', texts: ['a'], inputType: 'search_query' }),
      ...([404, 'NotFoundError', /unknown model \\"embed-v4.0/] as const),
    ],
    ['what is not served', () => v1.classify({ inputs: ['a'] }), 404, 'NotFoundError', /no route/],
  ])('%s', async (_, call, status, name, message) => {
    counted.arrived()
    const error = await failure(call())
    expect(error).toBeInstanceOf(CohereError)
    expect(error.constructor.name).toBe(name)
    expect(error.statusCode).toBe(status)
    expect(error.message).toMatch(message)
    expect(error.body).toMatchObject({ message: expect.any(String) })
    expect(counted.arrived()).toHaveLength(1)
  })
})
