import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { type AppContext, type AppEnv, EventStream, readJson, respond } from './http.ts'
import { InFlight } from './in-flight.ts'
import { inFlight } from './middleware/in-flight.ts'

const limits = { requests: 1, bytes: 100 }

function context(bound: InFlight): AppContext {
  const place = bound.enter(10)
  return { get: () => place } as unknown as AppContext
}

const isFree = (bound: InFlight) => {
  try {
    bound.enter(10).leave()
    return true
  } catch {
    return false
  }
}

/** The request's own share of its place ends with its work. */
function answerOf(bound: InFlight, answer: unknown): Response {
  const c = context(bound)
  const response = respond(c, answer)
  c.get('place')?.leave()
  return response
}

test('events are made as they are read', async () => {
  const bound = new InFlight(limits)
  let made = 0
  function* events() {
    for (; made < 100; made++) yield { text: 'a'.repeat(50_000) }
  }
  const reader = answerOf(bound, new EventStream(events(), true)).body?.getReader()
  await reader?.read()
  await reader?.read()
  expect(made).toBeLessThan(10)
  expect(isFree(bound)).toBe(false)
  await reader?.cancel()
  expect(isFree(bound)).toBe(true)
})

test('a place is free when all is read, or the answer cannot be made', async () => {
  const bound = new InFlight(limits)
  const long = Array(100).fill({ text: 'a'.repeat(5000) })
  const response = answerOf(bound, long)
  expect(isFree(bound)).toBe(false)
  expect(await response.json()).toEqual(long)
  expect(isFree(bound)).toBe(true)

  function* broken() {
    yield 'a'.repeat(100_000)
    throw new Error('no more')
  }
  const failing = answerOf(bound, new EventStream(broken(), false))
  await expect(failing.text()).rejects.toThrow('no more')
  expect(isFree(bound)).toBe(true)
})

test('a short answer holds nothing', async () => {
  const bound = new InFlight(limits)
  const response = answerOf(bound, { a: [1] })
  expect(isFree(bound)).toBe(true)
  expect(await response.text()).toBe('{"a":[1]}')
})

test('a body that does not say its length counts as the longest until it is read, then as what it was', async () => {
  const bound = new InFlight({ requests: 10, bytes: 250 })
  const answer = Promise.withResolvers<string>()
  const app = new Hono<AppEnv>()
  let reading = 0
  app.use(inFlight(bound, 100))
  app.onError((error, c) => c.text(error.message, 429))
  app.post('/', async (c) => {
    await readJson(c)
    reading++
    return c.text(await answer.promise)
  })
  const post = (body: ReadableStream) => {
    const init = { method: 'POST', body, duplex: 'half' }
    return app.request('/', init as RequestInit, {}, { waitUntil: () => {} } as never)
  }
  const read: (Response | Promise<Response>)[] = []
  for (let i = 1; i <= 6; i++) {
    read.push(post(new Blob(['{}']).stream()))
    await expect.poll(() => reading).toBe(i)
  }
  const endless = () => new ReadableStream()
  void post(endless())
  void post(endless())
  const refused = await post(endless())
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringMatching(/312 bytes.*at most 250/)])
  answer.resolve('read')
  expect((await Promise.all(read)).map(({ status }) => status)).toEqual(Array(6).fill(200))
})
