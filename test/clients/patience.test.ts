/** No client hangs or repeats for ever: what each does when the Worker is full, locked or without its models. */
import { createCohere } from '@ai-sdk/cohere'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { InferenceClient } from '@huggingface/inference'
import { OpenAIEmbeddings } from '@langchain/openai'
import { embed, rerank } from 'ai'
import Cloudflare from 'cloudflare'
import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EdgeBertClient } from '../../src/client/index.ts'
import { type Counted, failure, startCounted } from './support.ts'

const MODEL_FILE = /^\/models\/.*\.(onnx|bin)/
let full: Counted
let locked: Counted
let empty: Counted
beforeAll(async () => {
  full = await startCounted({ vars: { MAX_CONCURRENT_REQUESTS: 0 } })
  locked = await startCounted({ vars: { API_KEY: 'another' } })
  empty = await startCounted({ assets: (path, bytes) => (MODEL_FILE.test(path) ? null : bytes) })
})
afterAll(() => Promise.all([full.stop(), locked.stop(), empty.stop()]))

/** A call of each client, and how often it asks when the answer is 429, and when it is 500. */
const clients: [name: string, call: (base: string) => Promise<unknown>, full: number, broken: number][] = [
  [
    '@huggingface/inference',
    (base) => new InferenceClient('hf_x', { endpointUrl: `${base}/embed` }).featureExtraction({ inputs: 'a' }),
    ...([1, 1] as const),
  ],
  [
    '@huggingface/inference, text generation',
    (base) =>
      new InferenceClient('hf_x', { endpointUrl: `${base}/tasks/text-generation` }).textGeneration({ inputs: 'a' }),
    ...([1, 1] as const),
  ],
  [
    'openai',
    (base) => new OpenAI({ apiKey: 'k', baseURL: `${base}/v1` }).embeddings.create({ model: 'bert', input: 'a' }),
    ...([3, 1] as const),
  ],
  [
    '@langchain/openai',
    (base) =>
      new OpenAIEmbeddings({ apiKey: 'k', maxRetries: 1, configuration: { baseURL: `${base}/v1` } }).embedQuery('a'),
    ...([2, 2] as const),
  ],
  [
    'cohere-ai',
    (base) => new CohereClientV2({ token: 'k', baseUrl: base }).rerank({ model: 'bert', query: 'q', documents: ['d'] }),
    ...([3, 3] as const),
  ],
  [
    'ai with openai-compatible',
    (base) => {
      const provider = createOpenAICompatible({ name: 'e', baseURL: `${base}/v1`, apiKey: 'k' })
      return embed({ model: provider.embeddingModel('bert'), value: 'a', maxRetries: 1 })
    },
    ...([2, 2] as const),
  ],
  [
    'ai with cohere',
    (base) => {
      const model = createCohere({ apiKey: 'k', baseURL: `${base}/v2` }).reranking('bert' as never)
      return rerank({ model, query: 'q', documents: ['d'], maxRetries: 1 })
    },
    ...([2, 2] as const),
  ],
  [
    'cloudflare',
    (base) =>
      new Cloudflare({ apiToken: 'k', baseURL: `${base}/client/v4` }).ai.run('@cf/baai/bge-small-en-v1.5', {
        account_id: 'a',
        text: 'a',
      }),
    ...([3, 1] as const),
  ],
  [
    'edge-bert/client',
    (base) => new EdgeBertClient({ url: base, key: 'k' }).task('feature-extraction', 'a'),
    ...([1, 1] as const),
  ],
]

const statuses = (counted: Counted) => counted.arrived().map((line) => line.split(' ').at(-1))

describe.each(clients)('%s', (_, call, whenFull, whenBroken) => {
  test(`429: asks ${whenFull} times, then says that the Worker is overloaded`, async () => {
    full.arrived()
    const error = await failure(call(full.base))
    expect(String(error)).toMatch(/overloaded/i)
    expect(statuses(full)).toEqual(Array(whenFull).fill('429'))
  })

  test('401: asks once', async () => {
    locked.arrived()
    await failure(call(locked.base))
    expect(statuses(locked)).toEqual(['401'])
  })

  test(`500 for a model that is not there: asks ${whenBroken} times, then says so`, async () => {
    empty.arrived()
    const error = await failure(call(empty.base))
    expect(String(error)).toMatch(/model_unavailable/)
    expect(statuses(empty)).toEqual(Array(whenBroken).fill('500'))
  })
})
