/** One call of a task, as events: progress while its model loads, then the answer with what it cost. */
import type { FileProgress } from '../model/progress.ts'
import { shorten } from './format.ts'
import { keyIsWanted, readKey } from './key.ts'

export interface Answered {
  /** The answer as JSON, in the hub's shape. */
  readonly body: unknown
  /** Milliseconds of the phases of `Server-Timing`. */
  readonly phases: Readonly<Record<string, number>>
  /** Milliseconds from the click to the answer, as the browser saw it. */
  readonly total: number
  /** Bytes of model files that this very call loaded. */
  readonly loaded: number
  /** Whether it loaded something or waited for a load. */
  readonly cold: boolean
  readonly notes: readonly string[]
}

/** What the Worker answered instead, or why no answer came. */
export class CallError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

interface Last {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** @throws CallError; the signal's reason when it aborts */
export async function callTask(
  task: string,
  body: object,
  progress: (file: FileProgress) => void,
  signal: AbortSignal,
): Promise<Answered> {
  const began = performance.now()
  const response = await send(`/v1/tasks/${task}`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })
  const files = new Map<string, number>()
  for await (const { event, data } of events(response, signal)) {
    if (event === 'progress') {
      const file = data as FileProgress
      files.set(`${file.model}/${file.file}`, file.total)
      progress(file)
      continue
    }
    const { status, headers, body } = data as Last
    if (event !== 'result') throw new CallError(messageOf(body) ?? `The Worker answered ${status}.`, status)
    const phases = readPhases(headers['server-timing'] ?? '')
    const waited = (phases.bytes ?? 0) + (phases.session ?? 0)
    const total = performance.now() - began
    const loaded = [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
    return { body, phases, total, loaded, cold: loaded > 0 || waited >= 1, notes: notesOf(headers) }
  }
  throw new CallError('The connection ended before the answer was there.', response.status)
}

/** @throws as callTask */
export async function readJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await send(path, signal ? { signal } : {})
  const body: unknown = await response.json().catch(() => null)
  signal?.throwIfAborted()
  if (response.ok && body !== null) return body
  const message = messageOf(body) ?? `What the Worker answered at ${path} cannot be read (status ${response.status}).`
  throw new CallError(message, response.status)
}

/**
 * `fetch` with the key.
 * @throws as callTask
 */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const key = readKey()
  const headers = { ...(init.headers as Record<string, string>), ...(key ? { authorization: `Bearer ${key}` } : {}) }
  const response = await fetch(path, { ...init, headers }).catch((error: unknown) => {
    init.signal?.throwIfAborted()
    throw new CallError(`No answer came from the Worker: ${error}`, 0)
  })
  if (response.status === 401) keyIsWanted()
  return response
}

interface ServerEvent {
  event: string
  data: unknown
}

/** The events of a stream, as the HTML standard has them; of a body that is none, one event of its status. */
async function* events(response: Response, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
    const body: unknown = await response.json().catch(() => null)
    signal.throwIfAborted()
    yield { event: 'error', data: { status: response.status, headers: {}, body } }
    return
  }
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += value
      let end = rest.indexOf('\n\n')
      while (end !== -1) {
        yield parseEvent(rest.slice(0, end))
        rest = rest.slice(end + 2)
        end = rest.indexOf('\n\n')
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new CallError(`The answer broke off: ${error}`, response.status)
  }
}

function parseEvent(text: string): ServerEvent {
  const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(text) ?? []
  if (!event || !data) throw new Error(`“${shorten(text, 80)}” is no event`)
  return { event, data: JSON.parse(data) }
}

function readPhases(header: string): Record<string, number> {
  return Object.fromEntries([...header.matchAll(/(\w+);dur=([\d.]+)/g)].map(([, name, value]) => [name, Number(value)]))
}

function notesOf(headers: Record<string, string>): string[] {
  const cut = Number(headers['x-truncated'] ?? 0)
  const notes = cut > 0 ? [`${cut} of the texts ${cut === 1 ? 'was' : 'were'} cut to the model’s length.`] : []
  const warning = headers['x-warning']
  return warning ? [...notes, warning] : notes
}

function messageOf(body: unknown): string | null {
  const error = (body as { error?: unknown } | null)?.error
  return typeof error === 'string' ? error : null
}
