/** What every API family does with a request, whatever its contract. */
import type { Context } from 'hono'
import { messageOf, ServiceError } from '../errors.ts'
import type { Progress } from '../model/progress.ts'
import type { Usage } from '../usage.ts'
import type { Family } from './api/family.ts'
import type { Place } from './in-flight.ts'
import type { Call } from './inference.ts'
import type { Ports } from './ports.ts'

export type Body = Readonly<Record<string, unknown>>
export type AppEnv = {
  /** What one request brings from outside the app: see events.ts. */
  Bindings: { progress?: Progress | undefined }
  Variables: {
    usage: Usage
    requestId: string
    family: Family
    body: Body | undefined
    /** Of a POST. */
    place: Place | undefined
  }
}
export type AppContext = Context<AppEnv>

export function callOf(c: AppContext, ports: Ports): Call {
  const keepAlive = (work: Promise<unknown>) => c.executionCtx.waitUntil(work)
  return { ports, usage: c.get('usage'), keepAlive, progress: c.env.progress }
}

/**
 * The body as a JSON object, whatever its content type says (clients differ). Read once, however often asked for.
 * @throws ServiceError('malformed') when it is no JSON, ServiceError('validation') when it is no object
 */
export async function readJson(c: AppContext): Promise<Body> {
  const known = c.get('body')
  if (known) return known
  const bytes = await c.req.arrayBuffer()
  const place = c.get('place')
  if (place) place.bytes = bytes.byteLength
  const text = new TextDecoder().decode(bytes)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new ServiceError('malformed', `the body of ${text.length} characters is not JSON: ${messageOf(cause)}`, {
      cause,
    })
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const found = Array.isArray(body) ? `an array of ${body.length}` : `${body === null ? 'null' : typeof body}`
    throw new ServiceError('validation', `the body must be a JSON object. Given: ${found}`)
  }
  c.set('body', body as Body)
  return body as Body
}

/** The first defined string of several places where a client may name something. */
export function firstString(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string')
}

/** The segments of a path that stand for one wildcard, with slashes raw or as %2F; one at the end does not count. */
export function afterPrefix(c: AppContext, prefix: RegExp): string {
  const rest = new URL(c.req.url).pathname.replace(prefix, '').replace(/\/$/, '')
  try {
    return decodeURIComponent(rest)
  } catch {
    throw new ServiceError('not-found', `the path ends in a broken escape: "${rest}"`)
  }
}

/** An OpenAI-style event stream: one `data:` line for each event, `[DONE]` at the end where the contract has it. */
export class EventStream {
  readonly #events: Iterable<unknown>
  readonly #done: boolean

  /** @param events made one by one as the client reads, so that they never stand in memory together */
  constructor(events: Iterable<unknown>, done: boolean) {
    this.#events = events
    this.#done = done
  }

  *pieces(): Generator<string, void> {
    for (const event of this.#events) yield `data: ${JSON.stringify(event)}\n\n`
    if (this.#done) yield 'data: [DONE]\n\n'
  }
}

/** What a handler gives, as a response: a stream of events, a response as it is, or a value as JSON. */
export function respond(c: AppContext, answer: unknown): Response {
  if (answer instanceof Response) return answer
  if (!(answer instanceof EventStream)) return send(c, jsonPieces(answer), { 'content-type': 'application/json' })
  return send(c, answer.pieces(), { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
}

/** Characters of an answer that are made at once. */
const CHUNK = 65_536

/**
 * A long answer (2,048 vectors are 16 MB of digits) is written piece by piece as the client reads: its text never
 * stands in memory as a whole. What it is made of does, so the request keeps its place until all is read.
 */
function send(c: AppContext, made: Iterable<string>, headers: Record<string, string>): Response {
  const pieces = inPlace(c.get('place'), made)
  const first = nextChunk(pieces)
  if (first.done) return new Response(first.text, { headers })
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first.text)),
    pull(controller) {
      const { text, done } = nextChunk(pieces)
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (done) controller.close()
    },
    cancel: () => void pieces.return(),
  })
  return new Response(stream, { headers })
}

/** The same pieces; the place is held until the last one is taken, or no more are wanted. */
function* inPlace(place: Place | undefined, pieces: Iterable<string>): Generator<string, void> {
  place?.hold()
  try {
    for (const piece of pieces) {
      yield piece
      place?.stayAlive()
    }
  } finally {
    place?.leave()
  }
}

function nextChunk(pieces: Generator<string, void>): { text: string; done: boolean } {
  let text = ''
  for (;;) {
    const piece = pieces.next()
    if (piece.done) return { text, done: true }
    text += piece.value
    if (text.length >= CHUNK) return { text, done: false }
  }
}

/** JSON.stringify, a list of numbers or a flat object at a time. */
function* jsonPieces(value: unknown): Generator<string, void> {
  if (value instanceof Float32Array) yield JSON.stringify(Array.from(value))
  else if (!isContainer(value) || 'toJSON' in value || !Object.values(value).some(isContainer))
    yield JSON.stringify(value) ?? 'null'
  else if (Array.isArray(value)) {
    yield '['
    for (let i = 0; i < value.length; i++) {
      if (i > 0) yield ','
      yield* jsonPieces(value[i])
    }
    yield ']'
  } else {
    let before = '{'
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue
      yield `${before}${JSON.stringify(key)}:`
      yield* jsonPieces(item)
      before = ','
    }
    yield before === '{' ? '{}' : '}'
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
