/** Over the isolate's bound: 429 with Retry-After, never 503, which some clients repeat at once and for ever. */
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http.ts'
import type { InFlight } from '../in-flight.ts'

export function inFlight(bound: InFlight, maxBodyBytes: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== 'POST') return next()
    const bytes = Number(c.req.header('content-length') ?? maxBodyBytes)
    await bound.run(bytes, async () => {
      const work = next()
      // Keeps the request running to its end, and the count right, when the client has gone.
      c.executionCtx.waitUntil(work.catch(() => {}))
      await work
    })
  }
}
