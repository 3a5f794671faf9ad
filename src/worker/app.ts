/** The Hono app: middleware, then one mount per API family. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { ServiceError } from '../errors.ts'
import { Usage } from '../usage.ts'
import type { Family } from './api/family.ts'
import { huggingFace, huggingFaceError } from './api/huggingface.ts'
import { status } from './api/status.ts'
import { textEmbeddingsInference } from './api/tei.ts'
import { type AppContext, type AppEnv, describeUsage } from './http.ts'
import type { Ports } from './ports.ts'

const families: readonly Family[] = [huggingFace, textEmbeddingsInference, status]

export function createApp(ports: Ports): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>()

  app.use(async (c, next) => {
    const usage = new Usage()
    c.set('usage', usage)
    c.set('requestId', c.req.header('x-request-id') ?? crypto.randomUUID())
    await next()
    c.header('x-request-id', c.get('requestId'))
    describeUsage(c.res.headers, usage)
  })
  app.use(
    bodyLimit({
      maxSize: ports.maxBodyBytes,
      onError: (c) => {
        const given = c.req.header('content-length') ?? `more than ${ports.maxBodyBytes}`
        throw new ServiceError('too-large', `the body must have at most ${ports.maxBodyBytes} bytes. Given: ${given}`)
      },
    }),
  )

  for (const family of families) family.mount(app, ports)

  app.notFound((c) => {
    const error = new ServiceError('not-found', `no route for ${c.req.method} ${c.req.path}`)
    return render(c as AppContext, error)
  })
  app.onError((error, c) => render(c, error))
  return app
}

/** Nothing of an unknown error leaves the Worker; it is logged with the request's id. */
function render(c: AppContext, thrown: unknown): Response {
  const family = families.find(({ owns }) => owns(c.req.path))
  if (!(thrown instanceof ServiceError)) console.error(c.get('requestId'), thrown)
  const error = thrown instanceof ServiceError ? thrown : null
  const { status, body } = error
    ? (family?.error ?? huggingFaceError)(error)
    : { status: 500 as const, body: { error: `internal error, request ${c.get('requestId')}`, error_type: 'Backend' } }
  c.header('cache-control', 'no-store')
  if (status === 429) c.header('retry-after', '1')
  if (status === 500) c.header('x-should-retry', 'false')
  return c.json(body as object, status)
}
