/**
 * A task's answer as server-sent events, for callers that ask with `accept: text/event-stream`: `progress` for each
 * piece of a model's file that this very request loads, then `result` or `error`, then the end. Only the request that
 * loads can tell: a second one may reach another isolate.
 *
 * The whole app runs inside, so that keys, limits, counts and headers are those of any request. An answer that loaded
 * nothing has its own status and headers; behind progress, which is sent with a 200, they stand in the last event.
 */
import type { Progress } from '../model/progress.ts'
import { allowAnyOrigin, EXPOSED } from './middleware/cors.ts'

/** Tasks by name and by model. Completions have a stream of their own. */
const TASKS = /^\/((v1\/)?tasks|(hf-inference\/)?models)\/.+(?<!\/v1\/completions)$/
const TYPE = 'text/event-stream'

type Writer = WritableStreamDefaultWriter<Uint8Array>

export async function withEvents(
  request: Request,
  context: ExecutionContext,
  run: (progress?: Progress) => Response | Promise<Response>,
): Promise<Response> {
  if (!wantsEvents(request)) return run()
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const loading = Promise.withResolvers<null>()
  const answered = Promise.resolve(
    run((file) => {
      loading.resolve(null)
      // The reader may have gone; the load goes on for the next one.
      writer.write(encode(`event: progress\ndata: ${JSON.stringify(file)}\n\n`)).catch(() => {})
    }),
  )
  const first = await Promise.race([loading.promise, answered])
  if (first?.headers.get('content-type')?.startsWith(TYPE)) return first

  context.waitUntil(answered.then((response) => sendAnswer(writer, response)).catch((error) => writer.abort(error)))
  const headers = new Headers(first?.headers)
  headers.delete('content-length')
  headers.set('content-type', `${TYPE}; charset=utf-8`)
  headers.set('cache-control', 'no-store')
  allowAnyOrigin(headers)
  return new Response(readable, { status: first?.status ?? 200, headers })
}

/** A caller that takes JSON as well gets JSON. */
function wantsEvents({ method, url, headers }: Request): boolean {
  const accept = headers.get('accept') ?? ''
  const asked = accept.includes(TYPE) && !accept.includes('application/json')
  return method === 'POST' && asked && TASKS.test(new URL(url).pathname.replace(/\/+$/, ''))
}

/** The body is JSON without line breaks, so it goes through as it is, however long. */
async function sendAnswer(writer: Writer, response: Response): Promise<void> {
  const { status, ok, body } = response
  const exposed = EXPOSED.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  const head = JSON.stringify({ status, headers: Object.fromEntries(exposed) }).slice(0, -1)
  await writer.write(encode(`event: ${ok ? 'result' : 'error'}\ndata: ${head},"body":`))
  if (body) for await (const chunk of body) await writer.write(chunk)
  else await writer.write(encode('null'))
  await writer.write(encode('}\n\n'))
  await writer.close()
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
