/**
 * Any origin may call: a key in a header protects, no cookie does. The headers a browser asks for are echoed, because
 * `*` does not cover Authorization and clients bring headers of their own (x-stainless-*, x-fern-*).
 */
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../http.ts'

/** What a page may read of an answer beside its body. */
export const EXPOSED = [
  'x-request-id',
  'x-compute-type',
  'x-compute-time',
  'x-compute-characters',
  'x-compute-tokens',
  'x-total-time',
  'x-tokenization-time',
  'x-queue-time',
  'x-inference-time',
  'x-encoder-passes',
  'x-truncated',
  'x-warning',
  'server-timing',
  'retry-after',
  'x-should-retry',
]

export const cors: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.method === 'OPTIONS') {
    c.header('access-control-allow-methods', 'GET,POST,OPTIONS')
    c.header('access-control-max-age', '86400')
    const asked = c.req.header('access-control-request-headers')
    if (asked) c.header('access-control-allow-headers', asked)
    c.header('vary', 'access-control-request-headers')
    c.res = c.body(null, 204)
  } else {
    await next()
  }
  allowAnyOrigin(c.res.headers)
}

export function allowAnyOrigin(headers: Headers): void {
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-expose-headers', EXPOSED.join(', '))
}
