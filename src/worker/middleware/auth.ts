/** The secret API_KEY: with it every route but the public ones needs it; without it the Worker is open. */
import type { MiddlewareHandler } from 'hono'
import { ServiceError } from '../../errors.ts'
import type { AppEnv } from '../http.ts'

/** Read by people and by monitors, which have no key; so are the files of the page. */
const PUBLIC = new Set(['/', '/docs', '/health', '/ping'])

export function isPublic(method: string, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && (PUBLIC.has(path) || path.startsWith('/page/'))
}

export function auth(apiKey: string | null): MiddlewareHandler<AppEnv> {
  if (apiKey === null) {
    console.warn('API_KEY is not set: everyone may use this Worker. Set it with `wrangler secret put API_KEY`.')
    return (_, next) => next()
  }
  return async (c, next) => {
    if (!isPublic(c.req.method, c.req.path)) {
      const header = c.req.header('authorization')
      if (!header) throw new ServiceError('unauthorized', 'no API key: send `Authorization: Bearer KEY`')
      if (!(await isEqual(header.replace(/^bearer\s+/i, ''), apiKey))) {
        throw new ServiceError('unauthorized', 'incorrect API key')
      }
    }
    await next()
  }
}

/** Compares digests, which have one length, in a time that says nothing about where they differ. */
async function isEqual(given: string, expected: string): Promise<boolean> {
  const digest = (value: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(value))
  const [a, b] = await Promise.all([digest(given), digest(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}
