/** What every API family does with a request, whatever its contract. */
import type { Context } from 'hono'
import { ServiceError } from '../errors.ts'
import type { Progress } from '../model/progress.ts'
import type { Usage } from '../usage.ts'
import type { Family } from './api/family.ts'
import type { Call } from './inference.ts'
import type { Ports } from './ports.ts'

export type Body = Readonly<Record<string, unknown>>
export type AppEnv = {
  /** What one request brings from outside the app: see events.ts. */
  Bindings: { progress?: Progress | undefined }
  Variables: { usage: Usage; requestId: string; family: Family; body: Body | undefined }
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
  const text = await c.req.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ServiceError('malformed', `the body of ${text.length} characters is not JSON: ${reason}`, { cause })
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
export function eventStream(events: readonly unknown[], done: boolean): Response {
  const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`)
  if (done) lines.push('data: [DONE]\n\n')
  return new Response(lines.join(''), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  })
}

/** Bytes of a JSON answer that are made at once. */
const CHUNK = 65_536

/**
 * A value as JSON. A long answer (2,048 vectors are 16 MB of digits) is written piece by piece as the client reads:
 * its text never stands in memory as a whole.
 */
export function jsonResponse(value: unknown): Response {
  const pieces = jsonPieces(value)
  const next = (): { text: string; done: boolean } => {
    let text = ''
    for (;;) {
      const piece = pieces.next()
      if (piece.done) return { text, done: true }
      text += piece.value
      if (text.length >= CHUNK) return { text, done: false }
    }
  }
  const headers = { 'content-type': 'application/json' }
  const first = next()
  if (first.done) return new Response(first.text, { headers })
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first.text)),
    pull(controller) {
      const { text, done } = next()
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (done) controller.close()
    },
  })
  return new Response(stream, { headers })
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
