/** Large calls: 512 inputs work on every batch route, 2,048 work or are refused with the number; nothing is dropped. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

/** What a call with hundreds of inputs may take on a machine that has other work. */
const LONG = 180_000
const numbered = (length: number) => Array.from({ length }, (_, i) => `${i}`)

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Count = (answer: any) => number
type Case = [path: string, body: (texts: string[]) => object, count: Count]

const query = '7'
const itself: Count = ({ length }) => length
const ofTask = (name: string, inputs: (texts: string[]) => unknown, parameters = {}, count = itself): Case => [
  `/v1/tasks/${name}`,
  (texts) => ({ inputs: inputs(texts), parameters }),
  count,
]
const each = (make: (text: string) => unknown) => (texts: string[]) => texts.map(make)
const WORKERS_AI = '/client/v4/accounts/a/ai/run/@cf'

const cases: Case[] = [
  ['/v1/embeddings', (input) => ({ input, encoding_format: 'base64' }), ({ data }) => data.length],
  ['/embeddings', (input) => ({ input }), ({ data }) => data.length],
  ['/v1/completions', (prompt) => ({ prompt, max_tokens: 1 }), ({ choices }) => choices.length],
  ['/embed', (inputs) => ({ inputs }), itself],
  ['/embed_all', (inputs) => ({ inputs }), itself],
  ['/embed_sparse', (inputs) => ({ inputs }), itself],
  ['/v1/embed', (texts) => ({ texts }), ({ embeddings }) => embeddings.length],
  ['/v2/embed', (texts) => ({ texts }), ({ embeddings }) => embeddings.float.length],
  [`${WORKERS_AI}/baai/bge-small-en-v1.5`, (text) => ({ text }), ({ result }) => result.data.length],
  [
    `${WORKERS_AI}/baai/bge-reranker-base`,
    (texts) => ({ query, contexts: texts.map((text) => ({ text })) }),
    ({ result }) => result.response.length,
  ],
  [`${WORKERS_AI}/huggingface/distilbert-sst-2-int8`, (text) => ({ text }), ({ result }) => result.length],
  ['/rerank', (texts) => ({ query, texts }), itself],
  ['/rerank', (documents) => ({ query, documents }), ({ results }) => results.length],
  ['/v1/rerank', (documents) => ({ query, documents }), ({ results }) => results.length],
  ['/v2/rerank', (documents) => ({ query, documents }), ({ results }) => results.length],
  ['/similarity', (sentences) => ({ inputs: { source_sentence: query, sentences } }), itself],
  ['/predict', (texts) => ({ inputs: texts.map((text) => [text]) }), itself],
  ['/classify', (input) => ({ input }), ({ data }) => data.length],
  ['/tokenize', (inputs) => ({ inputs }), itself],
  ['/decode', (texts) => ({ ids: texts.map((_, i) => [1000 + i]) }), itself],
  ['/vertex', (texts) => ({ instances: texts.map((inputs) => ({ inputs })) }), ({ predictions }) => predictions.length],
  ofTask('feature-extraction', each(String)),
  ofTask('sentiment', each(String)),
  ofTask('token-classification', each(String)),
  ofTask(
    'question-answering',
    each((context) => ({ question: query, context })),
  ),
  ofTask('rerank', (documents) => ({ query, documents })),
  ofTask(
    'clustering',
    (texts) => ({ texts }),
    {},
    ({ labels }) => labels.length,
  ),
]

/** The other tasks take their batches the same way (answerAll); 512 of each would be minutes of work. */
const others: Case[] = [
  ofTask(
    'fill-mask',
    each((text) => `${text} [MASK]`),
  ),
  ofTask('text-prediction', each(String)),
  ofTask('summarization', each(String)),
  ofTask('zero-shot-classification', each(String), { candidate_labels: ['a'] }),
  ofTask(
    'paraphrase',
    each((text) => ({ text, text_pair: query })),
  ),
  ofTask(
    'next-sentence-prediction',
    each((first) => ({ first, second: query })),
  ),
  ofTask(
    'multiple-choice',
    each((context) => ({ context, choices: ['a', 'b'] })),
  ),
  ofTask(
    'bias-probe',
    each((text) => ({ a: `${text} [MASK]`, b: 'b [MASK]' })),
  ),
  ofTask('analyze', each(String), { tasks: ['sentiment'] }),
  ofTask('semantic-search', (documents) => ({ query, documents })),
  ofTask('sentence-similarity', (sentences) => ({ source_sentence: query, sentences })),
  ofTask('near-duplicates', (texts) => ({ texts })),
]

test.each(cases)(
  '512 inputs: %s',
  async (path, body, count) => {
    expect(count(await worker.ask(path, body(numbered(512))))).toBe(512)
  },
  LONG,
)

test.each([...cases, ...others])('2,049 inputs are refused with the number: %s', async (path, body) => {
  const response = await worker.post(path, body(numbered(2049)))
  expect([400, 422]).toContain(response.status)
  expect(await response.text()).toMatch(/at most (2048|512) elements\. Given: 2049/)
})

test(
  '2,048 inputs work, each in its place',
  async () => {
    const inputs = numbered(2048)
    const vectors = await worker.ask('/embed', { inputs, dimensions: 8 })
    expect(vectors).toHaveLength(2048)
    for (const i of [0, 1023, 2047]) {
      expect(await worker.ask('/embed', { inputs: inputs[i], dimensions: 8 })).toEqual([vectors[i]])
    }
    const { max_client_batch_size } = (await (await worker.fetch('/info')).json()) as { max_client_batch_size: number }
    expect(max_client_batch_size).toBe(2048)
  },
  LONG,
)

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
