/** Every answer carries its request's id, and what it cost (in milliseconds where text-embeddings-inference has so). */
import type { MiddlewareHandler } from 'hono'
import { PHASES, Usage } from '../../usage.ts'
import type { AppEnv } from '../http.ts'

export const request: MiddlewareHandler<AppEnv> = async (c, next) => {
  const usage = new Usage(() => c.get('place')?.stayAlive())
  c.set('usage', usage)
  c.set('requestId', c.req.header('x-request-id')?.slice(0, 200) || crypto.randomUUID())
  await next()
  if (Number(c.req.header('content-length') ?? 0) <= MOST_DRAINED) await drain(c.req.raw.body)
  c.res.headers.set('x-request-id', c.get('requestId'))
  describeUsage(c.res.headers, usage)
}

/** Bytes of a body that are read though nobody needs them; who sends more may see a broken connection. */
const MOST_DRAINED = 16_000_000

/** Reads what a refusal left unread: a client that is still sending would see its connection break, not the answer. */
async function drain(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body && !body.locked) await body.pipeTo(new WritableStream()).catch(() => {})
}

function describeUsage(headers: Headers, usage: Usage): void {
  const { milliseconds } = usage
  headers.set('server-timing', PHASES.map((phase) => `${phase};dur=${milliseconds[phase].toFixed(1)}`).join(', '))
  if (usage.truncated > 0) headers.set('x-truncated', String(usage.truncated))
  if (usage.warnings.size > 0) headers.set('x-warning', headerText([...usage.warnings].join('; ')))
  if (usage.passes === 0) return
  const total = performance.now() - usage.started
  const numbers = {
    'x-encoder-passes': usage.passes,
    'x-compute-tokens': usage.tokens,
    'x-compute-characters': usage.characters,
    'x-compute-time': total,
    'x-total-time': total,
    'x-tokenization-time': milliseconds.tokenize,
    'x-queue-time': milliseconds.bytes + milliseconds.session,
    'x-inference-time': milliseconds.encode + milliseconds.head,
  }
  headers.set('x-compute-type', 'cpu')
  for (const [name, value] of Object.entries(numbers)) headers.set(name, String(Math.round(value)))
}

/** A header holds Latin-1 only; anything else goes as URI escapes. Warnings may quote the caller's text. */
function headerText(text: string): string {
  return text
    .slice(0, 1000)
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, (character) => encodeURI(character))
}
