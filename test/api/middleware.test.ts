/** What every route has in common: keys, CORS, request ids, the bound on what is in flight, switches. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

const KEY = 'sesame-1234'
let open: TestWorker
let keyed: TestWorker
let narrow: TestWorker
beforeAll(async () => {
  open = await startWorker()
  keyed = await startWorker({ vars: { API_KEY: KEY, MODEL_ALIASES: false } })
  narrow = await startWorker({ vars: { MAX_CONCURRENT_REQUESTS: 2 } })
})
afterAll(() => Promise.all([open.stop(), keyed.stop(), narrow.stop()]))

/** A path of each family, and what its 401 looks like. */
const families: [name: string, path: string, body: unknown, unauthorized: object | null][] = [
  ['Hugging Face', '/v1/tasks/sentiment', { inputs: 'a' }, { error: expect.any(String), error_type: 'Unauthorized' }],
  ['Hugging Face models', '/models/multitask-minilm', { inputs: 'a' }, { error_type: 'Unauthorized' }],
  ['TEI', '/embed', { inputs: 'a' }, null],
  ['TEI rerank', '/rerank', { query: 'a', texts: ['b'] }, null],
  [
    'OpenAI',
    '/v1/embeddings',
    { input: 'a' },
    { error: { type: 'invalid_request_error', param: null, code: 'invalid_api_key', message: expect.any(String) } },
  ],
  ['Cohere', '/v2/rerank', { query: 'a', documents: ['b'] }, { message: expect.any(String) }],
  ['Infinity', '/rerank', { query: 'a', documents: ['b'] }, { detail: 'Unauthorized' }],
  [
    'Workers AI',
    '/client/v4/accounts/a/ai/run/all-MiniLM-L6-v2',
    { text: 'a' },
    { success: false, result: null, errors: [{ code: 10000 }] },
  ],
]

describe('API_KEY', () => {
  test.each(families)('%s: its own 401 without the key or with another', async (_, path, body, unauthorized) => {
    const headers = [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${KEY}` }, { authorization: '' }]
    for (const given of headers) {
      const response = await keyed.post(path, body, given as Record<string, string>)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      const text = await response.text()
      if (unauthorized === null) expect(text).toBe('')
      else expect(JSON.parse(text)).toMatchObject(unauthorized)
    }
  })

  test.each(families)('%s: 200 with it, in each way of writing it', async (_, path, body) => {
    for (const authorization of [`Bearer ${KEY}`, `bearer ${KEY}`, KEY]) {
      const response = await keyed.post(path, body, { authorization })
      expect(response.status).toBe(200)
      await response.body?.cancel()
    }
  })

  test('/, /docs, /health, /ping and preflights are public; nothing else is', async () => {
    for (const path of ['/', '/docs', '/health', '/ping']) expect((await keyed.fetch(path)).status).toBe(200)
    expect((await keyed.fetch('/embed', { method: 'OPTIONS' })).status).toBe(204)
    const closed = ['/metrics', '/info', '/openapi.json', '/v1/models', '/models', '/nothing', '/%2568ealth']
    for (const path of closed) expect([path, (await keyed.fetch(path)).status]).toEqual([path, 401])
    expect((await keyed.post('/', { inputs: 'a' })).status).toBe(401)
  })
})

describe('CORS', () => {
  test('a preflight echoes the headers that were asked for', async () => {
    const response = await open.fetch('/v1/embeddings', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-stainless-lang',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST,OPTIONS',
      'access-control-allow-headers': 'authorization,x-stainless-lang',
      'access-control-max-age': '86400',
    })
  })

  test.each(['/health', '/nothing', '/v1/models/nothing'])('GET %s may be read by any page', async (path) => {
    const { headers } = await open.fetch(path)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toMatch(/x-request-id.*x-compute-time.*retry-after/)
  })
})

test('x-request-id is the caller’s, or a new one', async () => {
  const { headers } = await open.fetch('/ping', { headers: { 'x-request-id': 'mine' } })
  expect(headers.get('x-request-id')).toBe('mine')
  expect((await open.fetch('/nothing')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

describe('overload', () => {
  const slow = { inputs: Array(8).fill('hello '.repeat(100)) }

  test('what is over the bound gets 429 with Retry-After, the rest its answer; GET is not counted', async () => {
    await narrow.ask('/embed', { inputs: 'a' })
    const posts = Array.from({ length: 6 }, () => narrow.post('/embed', slow))
    const health = await narrow.fetch('/health')
    expect(health.status).toBe(200)
    const responses = await Promise.all(posts)
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 200, 429, 429, 429, 429])
    const refused = responses.find(({ status }) => status === 429) as Response
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toEqual({
      error: 'Model is overloaded: 2 requests in flight, at most 2; try again',
      error_type: 'Overloaded',
    })
    expect((await narrow.post('/embed', { inputs: 'a' })).status).toBe(200)
  })

  test('a body counts before it is read, whoever sends it', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const body = () =>
      new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('{"inputs": '))
          await released
          controller.enqueue(new TextEncoder().encode('"a"}'))
          controller.close()
        },
      })
    const slow = Array.from({ length: 4 }, () =>
      keyed.fetch('/embed', { method: 'POST', body: body(), duplex: 'half' } as RequestInit),
    )
    await expect.poll(async () => (await keyed.post('/embed', { inputs: 'a' })).status).toBe(429)
    release()
    for (const response of await Promise.all(slow)) expect(response.status).toBe(401)
  })

  test('bytes of bodies are bounded, too', async () => {
    const big = { inputs: 'a '.repeat(900_000) }
    const responses = await Promise.all(Array.from({ length: 8 }, () => open.post('/embed', big)))
    const statuses = responses.map(({ status }) => status)
    expect(statuses.every((status) => status === 200 || status === 429)).toBe(true)
    expect(statuses).toContain(200)
    expect(statuses).toContain(429)
  }, 180_000)

  test('clients that go away leave no count behind', async () => {
    const abort = new AbortController()
    const gone = [1, 2].map(() =>
      narrow.fetch('/embed', { method: 'POST', body: JSON.stringify(slow), signal: abort.signal }),
    )
    setTimeout(() => abort.abort(), 50)
    for (const request of gone) await expect(request).rejects.toThrow()
    await expect.poll(async () => (await narrow.post('/ping', {})).status, { timeout: 50_000 }).toBe(404)
  })
})

test('aliases can be switched off; ids and defaults remain', async () => {
  const headers = { authorization: KEY }
  const embed = (model: string) => keyed.post('/v1/embeddings', { model, input: 'a' }, headers)
  expect((await embed('text-embedding-3-small')).status).toBe(404)
  for (const model of ['all-MiniLM-L6-v2', 'default', 'bert', '']) expect((await embed(model)).status).toBe(200)
})
