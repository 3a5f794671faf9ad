/** The Worker over a service binding: what a second Worker of the account gets, in workerd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EdgeBertService } from '../src/client/index.ts'
import { registry } from '../src/tasks/registry.ts'
import { startWorker, type TestWorker } from './support/worker.ts'

/** Calls the method it is told to, and answers what came of it. */
const CALLER = `
export default {
  async fetch(request, env) {
    const { method, given } = await request.json()
    try {
      return Response.json({ value: await env.BERT[method](...given) })
    } catch (error) {
      const { name, message, kind, param } = error
      return Response.json({ error: { isError: error instanceof Error, name, message, kind, param } })
    }
  },
}`

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker({ extraWorkers: { caller: CALLER }, vars: { API_KEY: 'not needed here' } })
})
afterAll(() => worker.stop())

interface Outcome {
  value?: unknown
  error?: { isError: boolean; name: string; message: string; kind: string; param?: string }
}

async function outcome(method: string, given: unknown[]): Promise<Outcome> {
  const response = await worker.fetchExtra('caller', '/', { method: 'POST', body: JSON.stringify({ method, given }) })
  return response.json() as Promise<Outcome>
}

/** The typed service, called in the second Worker. */
const bert = new Proxy({} as EdgeBertService, {
  get:
    (_, method: string) =>
    async (...given: unknown[]) => {
      const { value, error } = await outcome(method, given)
      if (error) throw Object.assign(new Error(error.message), error)
      return value
    },
})

const ask = (path: string, body: object) => worker.post(path, body, { authorization: 'Bearer not needed here' })
const overHttp = async (path: string, body: object) => (await ask(path, body)).json()

describe('tasks as methods', () => {
  test('one input, one answer; a list, a list: equal to what HTTP says', async () => {
    const inputs = 'Paris is the [MASK] of France.'
    const candidates = await bert.fillMask(inputs, { top_k: 3 })
    expect(candidates).toEqual(await overHttp('/tasks/fill-mask', { inputs, parameters: { top_k: 3 } }))
    expect(await bert.fillMask([inputs, inputs], { top_k: 3 })).toEqual([candidates, candidates])
    expect(await bert.task('fill-mask', inputs, { top_k: 3 })).toEqual(candidates)
  })

  test('a lone text is not answered in a list', async () => {
    const labels = await bert.sentiment('I love this movie, it is wonderful!')
    expect(labels[0]).toEqual({ label: 'positive', score: expect.any(Number) })
    const [first] = await bert.textClassification(['I love this movie, it is wonderful!'])
    expect(first).toEqual(labels)
  })

  test('tasks on lists', async () => {
    const documents = ['The stock market fell.', 'Someone plays an instrument.']
    const ranked = await bert.rerank({ query: 'A man is playing a guitar.', documents }, { top_n: 1 })
    expect(ranked).toEqual([{ index: 1, score: expect.any(Number) }])
    const scores = await bert.sentenceSimilarity({
      source_sentence: 'A man is playing a guitar.',
      sentences: documents,
    })
    expect(scores[1]).toBeGreaterThan(scores[0] as number)
  })

  test('every registered task has its method', async () => {
    for (const name of registry.keys()) {
      const camelCase = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
      const { error } = await outcome(camelCase, [{ not: 'an input' }, {}])
      expect(error, name).toMatchObject({ name: 'ServiceError', kind: 'validation' })
    }
  })

  test('detailed says what was cut and what is to be remarked', async () => {
    const { answer, truncated, warnings, tokens } = await bert.detailed('feature-extraction', 'word '.repeat(2000))
    expect(answer).toHaveLength(384)
    expect({ truncated, warnings, tokens }).toEqual({ truncated: 1, warnings: [], tokens: 512 })
    const filled = await bert.detailed('fill-mask', 'A [MASK].', { targets: ['overpoweringly'] })
    expect(filled.warnings).toEqual([expect.stringContaining('overpoweringly')])
  })

  test('a model by id or alias', async () => {
    const options = { model: 'sentence-transformers/all-MiniLM-L6-v2' }
    expect(await bert.featureExtraction('one', {}, options)).toEqual(await bert.featureExtraction('one'))
  })
})

describe('errors keep name, kind and message', () => {
  test.each([
    ['featureExtraction', [''], 'empty', '`inputs` cannot be empty', 'inputs'],
    ['fillMask', ['no mask'], 'validation', /^No mask_token \(\[MASK\]\) found on the input/, 'inputs'],
    ['sentiment', ['fine', { top_k: 0 }], 'validation', /^`parameters.top_k`.*Given: 0/, 'parameters'],
    ['task', ['no-such-task', 'x'], 'not-found', /^unknown task "no-such-task"; tasks are fill-mask/, undefined],
    ['sentiment', ['x', {}, { model: 'no/such' }], 'not-found', /^unknown model "no\/such"/, 'model'],
    ['sentiment', ['x'.repeat(2_000_001)], 'too-large', /at most 2000000 .* Given: 20000\d\d/, undefined],
    ['run', ['@cf/baai/bge-small-en-v1.5', {}], 'validation', /text/, 'text'],
    ['run', ['@cf/baai/bge-small-en-v1.5'], 'validation', /text/, 'text'],
  ])('%s: %#', async (method, given, kind, message, param) => {
    const { error } = await outcome(method, given)
    expect(error).toMatchObject({ isError: true, name: 'ServiceError', kind })
    expect(error?.message).toMatch(message)
    expect(error?.param).toBe(param)
  })

  test('over the bound on work: overloaded', async () => {
    const small = await startWorker({ extraWorkers: { caller: CALLER }, vars: { MAX_CONCURRENT_REQUESTS: 1 } })
    const call = async () => {
      const body = JSON.stringify({ method: 'featureExtraction', given: [Array(64).fill('some words to read')] })
      return (await (await small.fetchExtra('caller', '/', { method: 'POST', body })).json()) as Outcome
    }
    const outcomes = await Promise.all([call(), call(), call()])
    expect(outcomes.filter(({ error }) => error?.kind === 'overloaded').length).toBeGreaterThanOrEqual(1)
    expect(outcomes.filter(({ value }) => value).length).toBeGreaterThanOrEqual(1)
    await small.stop()
  })
})

describe('run, as env.AI has it', () => {
  test('embeddings', async () => {
    const { shape, data, pooling } = (await bert.run('@cf/baai/bge-small-en-v1.5', { text: ['one', 'two'] })) as never
    expect({ shape, pooling }).toEqual({ shape: [2, 384], pooling: 'mean' })
    expect(data).toEqual(await bert.featureExtraction(['one', 'two']))
  })

  test('rerank', async () => {
    const contexts = [{ text: 'The stock market fell.' }, { text: 'Someone plays an instrument.' }]
    const answer = await bert.run('@cf/baai/bge-reranker-base', { query: 'A man plays a guitar.', contexts, top_k: 1 })
    expect(answer).toEqual({ response: [{ id: 1, score: expect.any(Number) }] })
  })

  test('classification', async () => {
    const labels = (await bert.run('@cf/huggingface/distilbert-sst-2-int8', { text: 'Wonderful!' })) as object[]
    expect(labels).toMatchObject([{ label: 'NEGATIVE' }, { label: 'POSITIVE' }])
  })
})

test('HTTP and RPC share one isolate: what one loaded, the other has', async () => {
  const own = await startWorker({ extraWorkers: { caller: CALLER } })
  const body = JSON.stringify({ method: 'featureExtraction', given: ['warm'] })
  await own.fetchExtra('caller', '/', { method: 'POST', body })
  const { graphs_created } = await own.health()
  expect(graphs_created).toBe(2)
  await own.ask('/tasks/feature-extraction', { inputs: 'warm' })
  expect((await own.health()).graphs_created).toBe(2)
  await own.stop()
})
