/** Vercel's AI SDK with its openai-compatible and cohere providers. */
import { createCohere } from '@ai-sdk/cohere'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embed, embedMany, generateText, rerank, streamText } from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, native, startCounted, TEXTS } from './support.ts'

let counted: Counted
beforeAll(async () => {
  counted = await startCounted()
})
afterAll(() => counted.stop())

const compatible = () => createOpenAICompatible({ name: 'edgebert', baseURL: `${counted.base}/v1`, apiKey: 'sk-test' })
const cohere = () => createCohere({ apiKey: 'co', baseURL: `${counted.base}/v2` })

describe('openai-compatible', () => {
  test('embed', async () => {
    const { embedding, usage } = await embed({ model: compatible().embeddingModel('bert'), value: TEXTS[0] as string })
    expectVectors([embedding], await native(counted.worker, TEXTS.slice(0, 1)))
    expect(usage.tokens).toBeGreaterThan(5)
  })

  test('embedMany, fewer dimensions', async () => {
    const { embeddings } = await embedMany({
      model: compatible().embeddingModel('bert'),
      values: TEXTS,
      providerOptions: { edgebert: { dimensions: 64 } },
    })
    expectVectors(embeddings, await native(counted.worker, TEXTS, { dimensions: 64 }))
  })

  test('embedMany: one call, each value in its place', async () => {
    const values = Array.from({ length: 200 }, (_, i) => `${i}`)
    counted.arrived()
    const { embeddings } = await embedMany({ model: compatible().embeddingModel('bert'), values })
    expect(counted.arrived()).toEqual(['POST /v1/embeddings 200'])
    expect(embeddings).toHaveLength(200)
    expectVectors([embeddings[0], embeddings[199]] as number[][], await native(counted.worker, ['0', '199']))
  })

  test('generateText and streamText: the same text', async () => {
    const model = compatible().completionModel('bert')
    const { text, finishReason, usage } = await generateText({ model, prompt: 'hello', maxOutputTokens: 6 })
    expect(text.length).toBeGreaterThan(0)
    expect(['stop', 'length']).toContain(finishReason)
    expect(usage.outputTokens).toBeGreaterThan(0)
    let streamed = ''
    for await (const piece of streamText({ model, prompt: 'hello', maxOutputTokens: 6 }).textStream) streamed += piece
    expect(streamed).toBe(text)
  })
})

describe('cohere', () => {
  test('embed and embedMany', async () => {
    const model = cohere().embeddingModel('bert' as never)
    const expected = await native(counted.worker, TEXTS)
    const { embedding, usage } = await embed({ model, value: TEXTS[0] as string })
    expectVectors([embedding], expected.slice(0, 1))
    expect(usage.tokens).toBeGreaterThan(5)
    expectVectors((await embedMany({ model, values: TEXTS })).embeddings, expected)
  })

  test('rerank: topN, the documents themselves, best first', async () => {
    const documents = ['Stocks fell today.', 'Penguins live in Antarctica.', 'Penguins swim.']
    const model = cohere().reranking('bert' as never)
    const { ranking, rerankedDocuments } = await rerank({ model, query: 'Where do penguins live?', documents, topN: 2 })
    expect(ranking.map(({ originalIndex }) => originalIndex)).toEqual([1, 2])
    expect(rerankedDocuments).toEqual([documents[1], documents[2]])
    expect(ranking[0]?.score).toBeGreaterThan(ranking[1]?.score as number)
  })
})

describe('errors: an APICallError, after one request', () => {
  test.each([
    ['an empty text', () => embed({ model: compatible().embeddingModel('bert'), value: '' }), 400, /cannot be empty/],
    ['an unknown model', () => embed({ model: compatible().embeddingModel('x/y'), value: 'a' }), 404, /unknown model/],
    ['an empty text', () => embed({ model: cohere().embeddingModel('bert' as never), value: '' }), 400, /empty/],
    [
      'an empty query',
      () => rerank({ model: cohere().reranking('bert' as never), query: '', documents: ['a'] }),
      ...([400, /`query` cannot be empty/] as const),
    ],
  ])('%s', async (_, call, statusCode, message) => {
    counted.arrived()
    const error = await failure(call())
    expect(APICallError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ statusCode, message: expect.stringMatching(message), isRetryable: false })
    expect(counted.arrived()).toHaveLength(1)
  })
})
