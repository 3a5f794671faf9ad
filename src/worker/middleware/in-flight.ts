/**
 * A bound on what one isolate works on at the same time: requests, and bytes of their bodies (memory is shared by all
 * of them). Over it: 429 with Retry-After, never 503, which some clients repeat at once and for ever.
 */
import type { MiddlewareHandler } from 'hono'
import { ServiceError } from '../../errors.ts'
import type { AppEnv } from '../http.ts'
import type { InFlightLimits } from '../ports.ts'

/** A request whose client went away may be cancelled without a word; it is not counted for longer than this. */
const FORGOTTEN_MS = 60_000

export function inFlight(limits: InFlightLimits, maxBodyBytes: number): MiddlewareHandler<AppEnv> {
  const running = new Map<object, { bytes: number; since: number }>()
  return async (c, next) => {
    if (c.req.method !== 'POST') return next()
    for (const [request, { since }] of running) {
      if (Date.now() - since < FORGOTTEN_MS) break
      running.delete(request)
    }
    const bytes = Number(c.req.header('content-length') ?? maxBodyBytes)
    const inAll = [...running.values()].reduce((sum, other) => sum + other.bytes, bytes)
    if (running.size >= limits.requests) throw busy(`${running.size} requests in flight, at most ${limits.requests}`)
    if (inAll > limits.bytes) throw busy(`${inAll} bytes of bodies in flight, at most ${limits.bytes}`)
    running.set(c, { bytes, since: Date.now() })
    try {
      const work = next()
      // Keeps the request running to its end, and the count right, when the client has gone.
      c.executionCtx.waitUntil(work.catch(() => {}))
      await work
    } finally {
      running.delete(c)
    }
  }
}

function busy(numbers: string): ServiceError {
  return new ServiceError('overloaded', `Model is overloaded: ${numbers}; try again`)
}
