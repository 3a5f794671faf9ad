/** Calls over answers that the test makes up: what becomes of a stream that ends as it should not. */
import { afterEach, expect, test, vi } from 'vitest'
import { CallError, callTask, readJson } from './call.ts'
import { needsKey } from './key.ts'

afterEach(() => vi.unstubAllGlobals())

const PROGRESS =
  'event: progress\ndata: {"model":"m","file":"f","received":1,"total":2,"requestReceived":1,"requestTotal":2}\n\n'
const RESULT = 'event: result\ndata: {"status":200,"headers":{"server-timing":"encode;dur=3"},"body":[1]}\n\n'

/** An answer in pieces; behind them comes `end`, an error or nothing. */
function answerWith(pieces: readonly string[], end?: Error): void {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[0]
      pieces = pieces.slice(1)
      if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece))
      else if (end) controller.error(end)
      else controller.close()
    },
  })
  vi.stubGlobal('fetch', async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
}

const call = (signal = new AbortController().signal) => callTask('fill-mask', {}, () => {}, signal)

test('progress, then the answer, however it is cut', async () => {
  answerWith([PROGRESS + RESULT.slice(0, 20), RESULT.slice(20)])
  expect(await call()).toMatchObject({ body: [1], phases: { encode: 3 }, loaded: 2, cold: true })
})

test.each([
  ['the connection breaks', [PROGRESS], new TypeError('network error'), /broke off.*network error/],
  ['it ends without a result', [PROGRESS], undefined, /ended before the answer/],
  ['it ends within the result', [PROGRESS, RESULT.slice(0, -5)], undefined, /ended before the answer/],
  ['what comes is no JSON', ['event: result\ndata: {"status"\n\n'], undefined, /broke off.*JSON/],
  ['what comes is no event', ['<html>\n\n'], undefined, /broke off.*<html>/],
])('an error to show when %s', async (_, pieces, end, message) => {
  answerWith(pieces, end)
  const error = await call().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CallError)
  expect((error as CallError).message).toMatch(message)
})

test('an abort is no error to show', async () => {
  const controller = new AbortController()
  controller.abort('another task')
  answerWith([PROGRESS], new TypeError('network error'))
  expect(await call(controller.signal).catch((thrown: unknown) => thrown)).toBe('another task')
})

test('a page of a proxy in place of JSON, and no connection at all', async () => {
  vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }))
  await expect(readJson('/health')).rejects.toThrow('What the Worker answered at /health cannot be read (status 502).')
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(readJson('/health')).rejects.toThrow('No answer came from the Worker: TypeError: Failed to fetch')
})

test('after a 401 requests to copy have a place for the key', async () => {
  expect(needsKey()).toBe(false)
  vi.stubGlobal('fetch', async () => Response.json({ error: 'no API key' }, { status: 401 }))
  await expect(call()).rejects.toThrow('no API key')
  expect(needsKey()).toBe(true)
})
