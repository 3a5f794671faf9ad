/** Failures that users of other servers reported, each shown not to happen here. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const long = `${'hello '.repeat(600)}penguin`
const question = { question: 'Where does Sarah live?', context: 'My name is Sarah and I live in Berlin.' }

test('truncation works in OpenAI-style routes and for lists, and is counted', async () => {
  for (const [path, body] of [
    ['/v1/embeddings', { input: [long, 'short', long] }],
    ['/embed', { inputs: [long, 'short', long] }],
    ['/v2/embed', { texts: [long, 'short', long] }],
  ] as const) {
    const response = await worker.post(path, body)
    expect([path, response.status, response.headers.get('x-truncated')]).toEqual([path, 200, '2'])
    await response.body?.cancel()
  }
})

test('the status that the API reference documents for a batch that is too large is the one sent', async () => {
  const inputs = Array(2049).fill('a')
  const reference = (await (await worker.fetch('/openapi.json')).json()) as {
    paths: Record<string, { post: { responses: Record<string, unknown> } }>
  }
  for (const [path, body] of [
    ['/embed', { inputs }],
    ['/v1/embeddings', { input: inputs }],
    ['/v2/embed', { texts: inputs }],
  ] as const) {
    const { status } = await worker.post(path, body)
    expect(status).not.toBe(413)
    expect(reference.paths[path]?.post.responses).toHaveProperty(String(status))
  }
})

test('one input over the token budget is refused at once instead of waiting for ever', async () => {
  const small = await startWorker({ vars: { MAX_BATCH_TOKENS: 8 } })
  try {
    const response = await small.post('/embed', { inputs: 'hello '.repeat(20) })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ error: expect.stringMatching(/at most 8 tokens in all. Given: 22/) })
    expect((await small.post('/embed', { inputs: 'hello' })).status).toBe(200)
    // Instances with parameters of their own share the budget of the request.
    const instances = ['one two', 'one two three'].map((inputs, x) => ({ inputs, x }))
    const vertex = await small.post('/vertex', { instances })
    expect(await vertex.json()).toMatchObject({ error: expect.stringMatching(/at most 4 tokens in all. Given: 5/) })
  } finally {
    await small.stop()
  }
})

test('rerank honours top_n on every route that has it', async () => {
  const query = 'a'
  const documents = ['b', 'a', 'c', 'd']
  const contexts = documents.map((text) => ({ text }))
  const lengths = [
    (await worker.ask('/v1/rerank', { query, documents, top_n: 2 })).results.length,
    (await worker.ask('/v2/rerank', { query, documents, top_n: 2 })).results.length,
    (await worker.ask('/rerank', { query, documents, top_n: 2 })).results.length,
    (await worker.ask('/rerank', { query, texts: documents, top_n: 2 })).length,
    (await worker.ask('/v1/tasks/rerank', { inputs: { query, documents }, parameters: { top_n: 2 } })).length,
    (await worker.ask('/client/v4/accounts/a/ai/run/@cf/baai/bge-reranker-base', { query, contexts, top_k: 2 })).result
      .response.length,
  ]
  expect(lengths).toEqual([2, 2, 2, 2, 2, 2])
})

test('entities and answers have offsets that slice the text', async () => {
  const inputs = '🎣 My name is Sarah Connor.'
  const [entity] = await worker.ask('/tasks/token-classification', { inputs })
  expect([...inputs].slice(entity.start, entity.end).join('')).toBe('Sarah Connor')
  const answer = await worker.ask('/tasks/question-answering', { inputs: question })
  expect(question.context.slice(answer.start, answer.end)).toBe(answer.answer)
  expect(answer.answer).toBe('Berlin')
})

test('every [MASK] is answered, not only the first', async () => {
  const lists = await worker.ask('/tasks/fill-mask', { inputs: 'The [MASK] of [MASK] is [MASK].' })
  expect(lists.map((list: unknown[]) => list.length)).toEqual([5, 5, 5])
})

test('what stands beside an input in a batch does not change its answer', async () => {
  const inputs = ['What a lovely day!', long, 'no', 'The film was terrible, and I want my money back.']
  for (const path of ['/tasks/sentiment', '/tasks/token-classification', '/tasks/feature-extraction', '/embed']) {
    const batch = await worker.ask(path, { inputs })
    const alone = await Promise.all(inputs.map((input) => worker.ask(path, { inputs: [input] })))
    expect(batch).toEqual(alone.flat())
  }
})

test('base64 is answered when it is asked for, so that no client reads floats as bytes', async () => {
  const { data } = await worker.ask('/v1/embeddings', { input: 'hi', encoding_format: 'base64' })
  expect(Buffer.from(data[0].embedding, 'base64')).toHaveLength(384 * 4)
})
