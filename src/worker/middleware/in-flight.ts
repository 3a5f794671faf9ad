/** Over the isolate's bound: 429 with Retry-After, never 503, which some clients repeat at once and for ever. */
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http.ts'
import type { InFlight } from '../in-flight.ts'

/** An answer that is sent piece by piece holds the place longer (http.ts). */
export function inFlight(bound: InFlight, maxBodyBytes: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== 'POST') return next()
    // A body that does not say its length may be as long as any; readJson corrects that. A longer one is not read.
    const bytes = Math.min(Number(c.req.header('content-length') ?? maxBodyBytes), maxBodyBytes)
    await bound.run(bytes, async (place) => {
      c.set('place', place)
      const work = next()
      // Keeps the request running to its end, and the count right, when the client has gone.
      c.executionCtx.waitUntil(work.catch(() => {}))
      await work
    })
  }
}
