/** The playground at `/`, the API reference at `/docs`, and the files of both: built from src/page into assets/page. */
import { ServiceError } from '../errors.ts'
import type { Route } from './api/family.ts'
import type { Ports } from './ports.ts'

/** Users' texts are on the page: nothing runs there but its own files, whatever a text holds. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** No slash and no dot but the last: a name leads to no other folder. */
const FILE = /^[a-z-]+\.(html|js|css|svg)$/

export function pageRoutes(ports: Ports): Route[] {
  const serve = async (name: string, request: Headers): Promise<Response> => {
    const found = FILE.test(name) ? await ports.pageFile(name, request) : null
    if (!found || (found.status !== 200 && found.status !== 304)) {
      await found?.body?.cancel()
      throw new ServiceError('not-found', `the page has no file "${name}"`)
    }
    const response = new Response(found.body, found)
    response.headers.set('content-security-policy', POLICY)
    response.headers.set('x-content-type-options', 'nosniff')
    response.headers.set('referrer-policy', 'no-referrer')
    return response
  }
  const page = (path: string, name: string, summary: string): Route => ({
    method: 'get',
    paths: [path],
    handle: (c) => serve(name, c.req.raw.headers),
    operations: [{ summary, answer: 'text/html' }],
  })
  return [
    page('/', 'index.html', 'The playground: every task as a page.'),
    page('/docs', 'docs.html', 'This reference as a page.'),
    {
      method: 'get',
      paths: ['/page/:file'],
      handle: (c) => serve(c.req.param('file') ?? '', c.req.raw.headers),
      operations: [],
    },
  ]
}
