/** What every API family does with a request and its answer, whatever its contract. */
import type { Context } from 'hono'
import { ServiceError } from '../errors.ts'
import { PHASES, type Usage } from '../usage.ts'
import type { Call } from './inference.ts'
import type { Ports } from './ports.ts'

export type AppEnv = { Variables: { usage: Usage; requestId: string } }
export type AppContext = Context<AppEnv>

export function callOf(c: AppContext, ports: Ports): Call {
  return { ports, usage: c.get('usage'), keepAlive: (work) => c.executionCtx.waitUntil(work) }
}

/**
 * The body as a JSON object, whatever its content type says (clients differ).
 * @throws ServiceError('malformed') when it is no JSON, ServiceError('validation') when it is no object
 */
export async function readJson(c: AppContext): Promise<Record<string, unknown>> {
  const text = await c.req.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ServiceError('malformed', `the body of ${text.length} characters is not JSON: ${reason}`, { cause })
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  const found = Array.isArray(body) ? `an array of ${body.length}` : `${body === null ? 'null' : typeof body}`
  throw new ServiceError('validation', `the body must be a JSON object. Given: ${found}`)
}

/** Puts what the request cost into headers. */
export function describeUsage(headers: Headers, usage: Usage): void {
  const timing = PHASES.map((phase) => `${phase};dur=${usage.milliseconds[phase].toFixed(1)}`).join(', ')
  headers.set('server-timing', timing)
  if (usage.truncated > 0) headers.set('x-truncated', String(usage.truncated))
  if (usage.passes > 0) {
    headers.set('x-encoder-passes', String(usage.passes))
    headers.set('x-compute-tokens', String(usage.tokens))
  }
  // A header holds Latin-1 only; anything else goes as URI escapes.
  if (usage.warnings.size > 0)
    headers.set('x-warning', [...usage.warnings].join('; ').replace(/[^\x20-\x7e]/gu, encodeURI))
}

/** The first defined string of several places where a client may name something. */
export function firstString(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string')
}
