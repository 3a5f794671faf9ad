/** Task routes as server-sent events: what loads, then the answer; other streams are left alone. */
import { afterEach, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker, type WorkerOptions } from '../support/worker.ts'

interface Progress {
  model: string
  file: string
  received: number
  total: number
}
interface Last {
  status: number
  headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  body: any
}

let worker: TestWorker
afterEach(() => worker.stop())

async function start(options: WorkerOptions = {}) {
  worker = await startWorker(options)
}

const EVENTS = { accept: 'text/event-stream' }

async function events(response: Response): Promise<{ progress: Progress[]; name: string; last: Last }> {
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const all = (await response.text()).split('\n\n')
  expect(all.pop()).toBe('')
  const parsed = all.map((event) => {
    const [, name, data] = /^event: (\w+)\ndata: (.+)$/.exec(event) as unknown as [string, string, string]
    return { name, data: JSON.parse(data) }
  })
  const last = parsed.pop()
  expect(new Set(parsed.map(({ name }) => name)).size).toBeLessThan(2)
  return { progress: parsed.map(({ data }) => data as Progress), name: last?.name ?? '', last: last?.data }
}

describe('a cold call', () => {
  test.each([
    ['/v1/tasks/sentiment', 'heads/sentiment.onnx'],
    ['/hf-inference/models/google-bert/bert-base-uncased/', 'heads/fill-mask.onnx'],
  ])('%s tells of every file it loads, head included, up to its last byte', async (path, head) => {
    await start()
    const response = await worker.post(path, { inputs: 'Paris is the [MASK] of France.' }, EVENTS)
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const { progress, name, last } = await events(response)
    expect(name).toBe('result')
    expect(new Set(progress.map(({ model }) => model))).toEqual(new Set(['multitask-minilm']))
    const files = Map.groupBy(progress, ({ file }) => file)
    expect([...files.keys()]).toEqual(expect.arrayContaining(['encoder/layers.000.bin', head]))
    for (const pieces of files.values()) {
      const received = pieces.map((piece) => piece.received)
      expect(received).toEqual(received.toSorted((a, b) => a - b))
      expect([received[0], received.at(-1)]).toEqual([0, pieces[0]?.total])
    }
    expect(files.get('encoder/layers.000.bin')?.length).toBeGreaterThan(5)
    expect(last.headers['server-timing']).toMatch(/^bytes;dur=\d+\.\d, session;dur=[1-9]/)
    expect(last.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('the first progress comes before the last byte is there', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await start({
      assets: async (path, bytes) => {
        if (path.endsWith('layers.000.bin')) await held
        return bytes
      },
    })
    const response = await worker.post('/v1/tasks/sentiment', { inputs: 'a' }, EVENTS)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value)).toMatch(/^event: progress\ndata: \{"model":"multitask-minilm"/)
    release()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      rest += new TextDecoder().decode(value)
    }
    expect(rest).toContain('event: result')
  })

  test('a model that cannot be loaded: progress, then the error with its status', async () => {
    await start({ assets: (path, bytes) => (path.endsWith('layers.000.bin') ? (bytes?.slice(0, -1) ?? null) : bytes) })
    const response = await worker.post('/v1/tasks/sentiment', { inputs: 'a' }, EVENTS)
    const { progress, name, last } = await events(response)
    expect(progress.length).toBeGreaterThan(0)
    expect(name).toBe('error')
    expect(last).toMatchObject({
      status: 500,
      body: { error_type: 'Backend', error: expect.stringContaining('wrong size') },
    })
  })

  test('a reader that goes away does not break the load', async () => {
    await start({
      assets: async (path, bytes) => {
        if (path.endsWith('layers.000.bin')) await new Promise((resolve) => setTimeout(resolve, 200))
        return bytes
      },
    })
    const response = await worker.post('/v1/tasks/sentiment', { inputs: 'a' }, EVENTS)
    await response.body?.cancel()
    const { progress, name } = await events(await worker.post('/v1/tasks/sentiment', { inputs: 'a' }, EVENTS))
    expect([progress, name]).toEqual([[], 'result'])
    expect((await worker.health()).graphs_created).toBe(3)
  })
})

test('a warm call is its answer alone, with the headers and the body that JSON has', async () => {
  await start()
  const body = { inputs: ['🎣 What a lovely day!\n', 'a "quote"'] }
  const plain = await worker.ask('/v1/tasks/feature-extraction', body)
  const response = await worker.post('/v1/tasks/feature-extraction', body, EVENTS)
  expect(response.headers.get('server-timing')).toMatch(/encode;dur=[1-9]/)
  const { progress, name, last } = await events(response)
  expect([progress, name, last.status]).toEqual([[], 'result', 200])
  expect(last.body).toEqual(plain)
  expect(last.headers['server-timing']).toBe(response.headers.get('server-timing'))
})

test('errors that need no loading keep their status, in the family’s shape', async () => {
  await start({ vars: { API_KEY: 'sesame' } })
  const key = { ...EVENTS, authorization: 'Bearer sesame' }
  const tries: [string, unknown, Record<string, string>, number, string][] = [
    ['/v1/tasks/sentiment', { inputs: 'a' }, EVENTS, 401, 'Unauthorized'],
    ['/v1/tasks/sentiment', { inputs: '' }, key, 400, 'Empty'],
    ['/v1/tasks/sentiment', { inputs: 5 }, key, 422, 'Validation'],
    ['/v1/tasks/none', { inputs: 'a' }, key, 404, 'NotFound'],
    ['/models/none', { inputs: 'a' }, key, 404, 'NotFound'],
  ]
  for (const [path, body, headers, status, error_type] of tries) {
    const response = await worker.post(path, body, headers)
    expect([path, response.status]).toEqual([path, status])
    const { progress, name, last } = await events(response)
    expect([progress, name]).toEqual([[], 'error'])
    expect(last).toMatchObject({ status, body: { error_type, error: expect.any(String) } })
  }
})

test('calls that stream are counted as in flight until they end', async () => {
  await start({ vars: { MAX_CONCURRENT_REQUESTS: 1 } })
  const slow = { inputs: Array(8).fill('hello '.repeat(100)) }
  const calls = await Promise.all([1, 2].map(() => worker.post('/v1/tasks/sentiment', slow, EVENTS)))
  const ends = await Promise.all(calls.map(events))
  expect(ends.map(({ last }) => last.status).toSorted()).toEqual([200, 429])
})

test('who takes JSON as well gets JSON; so does every route that is no task', async () => {
  await start()
  const both = { accept: 'application/json, text/event-stream' }
  const tries: [string, unknown, Record<string, string>][] = [
    ['/v1/tasks/sentiment', { inputs: 'a' }, both],
    ['/v1/embeddings', { input: 'a' }, EVENTS],
    ['/embed', { inputs: 'a' }, EVENTS],
  ]
  for (const [path, body, headers] of tries) {
    const response = await worker.post(path, body, headers)
    expect(response.headers.get('content-type')).toBe('application/json')
    await response.json()
  }
})

test('streams of tokens have events of their own and no others, also when cold', async () => {
  await start()
  const tries: [string, object][] = [
    ['/tasks/text-generation', { inputs: 'Once upon a', parameters: { max_new_tokens: 3 }, stream: true }],
    ['/tasks/text-generation/v1/completions', { prompt: 'Once upon a', max_tokens: 3, stream: true }],
    ['/models/multitask-minilm/v1/completions', { prompt: 'Once upon a', max_tokens: 3, stream: true }],
  ]
  for (const [path, body] of tries) {
    const text = await (await worker.post(path, body, EVENTS)).text()
    expect(text).toMatch(/^data: \{/)
    expect(text).not.toContain('event:')
  }
})
