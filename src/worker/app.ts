/** The Hono app: middleware, then one line per API family. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ServiceError } from '../errors.ts'
import { cohere } from './api/cohere.ts'
import type { Family, Route } from './api/family.ts'
import { huggingFace } from './api/huggingface.ts'
import { infinity } from './api/infinity.ts'
import { openAi } from './api/openai.ts'
import { textEmbeddingsInference } from './api/tei.ts'
import { workersAi } from './api/workers-ai.ts'
import { type AppContext, type AppEnv, type Body, readJson, respond } from './http.ts'
import { auth } from './middleware/auth.ts'
import { cors } from './middleware/cors.ts'
import { inFlight } from './middleware/in-flight.ts'
import { metrics } from './middleware/metrics.ts'
import { request } from './middleware/request.ts'
import { type Mounted, referenceRoute } from './openapi.ts'
import { pageRoutes } from './page.ts'
import type { Ports } from './ports.ts'

/** The first family that owns a path has it; the last one owns what is left. */
const families: readonly Family[] = [huggingFace, cohere, infinity, workersAi, openAi, textEmbeddingsInference]

export function createApp(ports: Ports): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false })
  app.use(request)
  app.use(cors)
  app.use(metrics.middleware)
  // Before a body is read, so that what is read at the same time is bounded.
  app.use(inFlight(ports.inFlight, ports.maxBodyBytes))
  app.use(
    bodyLimit({
      maxSize: ports.maxBodyBytes,
      onError: (c) => {
        const given = c.req.header('content-length') ?? `more than ${ports.maxBodyBytes}`
        throw new ServiceError('too-large', `the body must have at most ${ports.maxBodyBytes} bytes. Given: ${given}`)
      },
    }),
  )
  app.use(async (c, next) => {
    c.set('family', await familyOf(c))
    await next()
  })
  app.use(auth(ports.apiKey))

  const mounted: Mounted[] = families.map((family) => ({ family, routes: family.routes(ports) }))
  mounted.push({ family: textEmbeddingsInference, routes: [...pageRoutes(ports), referenceRoute(mounted)] })
  for (const { family, routes } of mounted) for (const route of routes) mount(app, family, route)

  app.notFound((c) =>
    render(c as AppContext, new ServiceError('not-found', `no route for ${c.req.method} ${c.req.path}`)),
  )
  app.onError((error, c) => render(c, error))
  return app
}

function mount(app: Hono<AppEnv>, family: Family, route: Route): void {
  app.on(route.method, [...route.paths], async (c, next) => {
    if (c.get('family') !== family) return next()
    return respond(c, await route.handle(c))
  })
}

async function familyOf(c: AppContext): Promise<Family> {
  const sharing = families.find(({ shared }) => shared?.paths.includes(pathOf(c)))
  if (!sharing || c.req.method !== 'POST') return ownerOf(c)
  const body: Body = await readJson(c).catch(() => ({}))
  return sharing.shared?.speaks(body) ? sharing : ownerOf(c)
}

function ownerOf(c: AppContext): Family {
  return families.find(({ owns }) => owns(pathOf(c))) as Family
}

/** Some clients keep a slash at the end. */
function pathOf(c: AppContext): string {
  return c.req.path.replace(/(?<=.)\/+$/, '')
}

/** Nothing of an unknown error leaves the Worker; it is logged with the request's id. */
function render(c: AppContext, thrown: unknown): Response {
  if (!(thrown instanceof ServiceError)) console.error(c.get('requestId'), thrown)
  const error =
    thrown instanceof ServiceError
      ? thrown
      : new ServiceError('internal', `internal error, request ${c.get('requestId')}`)
  // A request may fail before its body is read and its family known; then the path decides.
  const { status, body } = (c.get('family') ?? ownerOf(c)).error(error)
  c.header('cache-control', 'no-store')
  if (status === 401) c.header('www-authenticate', 'Bearer')
  if (status === 429) c.header('retry-after', '1')
  if (status === 500) c.header('x-should-retry', 'false')
  return body === null ? c.body(null, status) : c.json(body, status)
}
