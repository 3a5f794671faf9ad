/** The API reference: valid, complete, its examples answered, its statuses sent. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { registry } from '../../src/tasks/registry.ts'
import { startWorker, type TestWorker } from '../support/worker.ts'

interface Operation {
  operationId: string
  parameters?: { name: string; example: string }[]
  requestBody?: { content: { 'application/json': { schema: object; example: object } } }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

interface Call {
  method: string
  path: string
  operation: Operation
  /** The path with its examples in it, or with these values instead. */
  url(values?: Record<string, string>): string
}

const KEY = 'sesame'
/** Milliseconds for some hundred requests on a machine that has other work. */
const LONG = 180_000

let worker: TestWorker
/** Wants a key; takes no POST at all; has manifests, but neither weights nor vocabulary. */
let closed: TestWorker
let full: TestWorker
let empty: TestWorker
let document: { openapi: string; paths: Record<string, Record<string, Operation>> }
let calls: Call[]

beforeAll(async () => {
  worker = await startWorker()
  closed = await startWorker({ vars: { API_KEY: KEY } })
  full = await startWorker({ vars: { MAX_CONCURRENT_REQUESTS: 0 } })
  empty = await startWorker({ assets: (path, bytes) => (path.endsWith('model.json') ? bytes : null) })
  document = (await (await worker.fetch('/openapi.json')).json()) as typeof document
  calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method,
      path,
      operation,
      url: (values = {}) =>
        path.replace(/\{(\w+)\}/g, (_, name: string) => {
          const example = operation.parameters?.find((parameter) => parameter.name === name)?.example
          return encodeURIComponent(values[name] ?? example ?? '')
        }),
    })),
  )
})
afterAll(() => Promise.all([worker, closed, full, empty].map((each) => each.stop())))

const exampleOf = ({ operation }: Call) => operation.requestBody?.content['application/json'].example

function send(to: TestWorker, call: Call, body: unknown = exampleOf(call), values?: Record<string, string>) {
  if (call.method === 'get') return to.fetch(call.url(values))
  return to.fetch(call.url(values), { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
}

test('validates as OpenAPI 3.1', async () => {
  const result = await new Validator().validate(document)
  expect(result.errors).toBeUndefined()
  expect(result.valid).toBe(true)
  expect(document.openapi).toBe('3.1.0')
  expect(await (await worker.fetch('/api-doc/openapi.json')).json()).toEqual(document)
})

test('every operation has an id of its own, every task an operation', () => {
  const ids = calls.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const task of registry.keys()) {
    for (const path of [`/v1/tasks/${task}`, `/tasks/${task}`]) {
      expect(Object.keys(document.paths)).toContain(path)
      expect(document.paths[path]?.post?.requestBody?.content['application/json'].example).toBeDefined()
    }
  }
})

test('every path of the contracts is described', () => {
  const wanted = `
    /embed /embed_sparse /embed_all /rerank /predict /similarity /tokenize /decode /vertex /info /health /ping /metrics
    / /docs /openapi.json /api-doc/openapi.json /embeddings /classify /models /v1/embeddings /v1/completions /v1/models
    /v1/models/{model} /v1/rerank /v2/rerank /v1/embed /v2/embed /v1/tokenize /models/{model} /hf-inference/models/{model}
    /models/{model}/pipeline/{task} /models/{model}/{head} /models/{model}/v1/completions
    /client/v4/accounts/{account_id}/ai/run/{model_name}`
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(wanted.trim().split(/\s+/)))
})

test(
  'every example is answered with 200, in the form that is described',
  async () => {
    for (const call of calls) {
      const response = await send(worker, call)
      expect([call.path, response.status]).toEqual([call.path, 200])
      const [type, { schema }] = Object.entries(call.operation.responses[200]?.content ?? {})[0] as [
        string,
        { schema: object },
      ]
      if (type !== 'application/json') {
        await response.body?.cancel()
        continue
      }
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      const checked = z.fromJSONSchema(schema as never).safeParse(await response.json())
      expect([call.path, checked.error?.issues ?? []]).toEqual([call.path, []])
    }
  },
  LONG,
)

describe('every documented status is one that is sent', () => {
  const documented = (status: number) => calls.filter(({ operation }) => String(status) in operation.responses)

  async function expectStatus(status: number, request: (call: Call) => Promise<Response>) {
    expect(documented(status).length).toBeGreaterThan(0)
    for (const call of documented(status)) {
      const response = await request(call)
      expect([call.method, call.path, response.status]).toEqual([call.method, call.path, status])
      await response.body?.cancel()
    }
  }

  test('400: no JSON', () => expectStatus(400, (call) => send(worker, call, '{')))
  test('401: no key', () => expectStatus(401, (call) => send(closed, call)))
  test('404: an unknown model', () =>
    expectStatus(404, (call) =>
      send(
        worker,
        call,
        { ...exampleOf(call), model: 'no/such' },
        { model: 'no-such', model_name: 'no-such', task: 'no-such' },
      ),
    ))
  test(
    '413: over 2,000,000 bytes',
    () => expectStatus(413, (call) => send(worker, call, JSON.stringify({ inputs: 'a'.repeat(2_000_000) }))),
    LONG,
  )
  test('422: a list for a body', () => expectStatus(422, (call) => send(worker, call, '[]')))
  test('429: too much in flight', () => expectStatus(429, (call) => send(full, call)))
  test('500: a model that cannot be loaded', () => expectStatus(500, (call) => send(empty, call)), LONG)
})
