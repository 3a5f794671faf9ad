/**
 * A client for pages, Node and Workers: `fetch` and types, nothing else.
 *
 * ```ts
 * import { EdgeBertClient } from 'edge-bert/client'
 *
 * const bert = new EdgeBertClient({ url: 'https://edge-bert.example.workers.dev' })
 * const [best] = await bert.task('fill-mask', 'The capital of France is [MASK].', { top_k: 1 })
 * const vectors = await bert.task('feature-extraction', ['one text', 'another'])
 * ```
 *
 * It repeats nothing: on an error of `kind` 'Overloaded' wait as long as `retryAfter` says.
 */
import type { Answers, Inputs, Rest, TaskName } from './tasks.ts'

export type { Detailed, EdgeBertService, ServiceCallError, ServiceOptions } from './service.ts'
export type { Answer, Input, Inputs, Parameters, TaskName } from './tasks.ts'

export interface ClientOptions {
  /** Where the Worker answers; a path in it is kept. */
  readonly url: string | URL
  /** The Worker's API_KEY, where it has one. A key in a page is readable by everyone who opens it. */
  readonly key?: string
  /** Instead of the global one. A service binding's needs its binding: `(input, init) => env.EDGE_BERT.fetch(input, init)`. */
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Id or alias of a model; default: the task's own. */
  readonly model?: string
  /** Gets what the answer itself has no place for, where there is something. */
  readonly onNotes?: (notes: Notes) => void
}

export interface Notes {
  /** Inputs that were cut to the model's maximum. */
  readonly truncated: number
  readonly warning: string
}

/** 'Network': no answer came. 'Unknown': one came that is not the Worker's. */
export type ClientErrorKind =
  | 'Empty'
  | 'Validation'
  | 'Unauthorized'
  | 'NotFound'
  | 'Overloaded'
  | 'Backend'
  | 'Network'
  | 'Unknown'

/** Thrown for every answer but a whole one with status 200. An aborted call throws the signal's reason instead. */
export class EdgeBertError extends Error {
  override name = 'EdgeBertError'
  readonly kind: ClientErrorKind
  /** Of HTTP; 0 when no answer came. */
  readonly status: number
  readonly requestId: string | null
  /** Seconds, where the Worker named some. */
  readonly retryAfter: number | null

  constructor(message: string, kind: ClientErrorKind, response?: Response, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
    this.status = response?.status ?? 0
    this.requestId = response?.headers.get('x-request-id') ?? null
    const seconds = response?.headers.get('retry-after')
    this.retryAfter = seconds ? Number(seconds) : null
  }
}

/** Tasks whose lone answer comes in a list, as the Hugging Face contract has it. */
export const LISTED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'text-classification',
  'sentiment',
  'emotion',
  'toxicity',
  'topic',
  'acceptability',
  'natural-language-inference',
  'paraphrase',
  'summarization',
  'text-generation',
])

export class EdgeBertClient {
  readonly #url: string
  readonly #key: string | undefined
  readonly #fetch: typeof fetch

  constructor({ url, key, fetch: given }: ClientOptions) {
    this.#url = String(url).replace(/\/+$/, '')
    this.#key = key
    this.#fetch = given ?? ((input, init) => fetch(input, init))
  }

  /**
   * @returns one answer for one input, a list of answers for a list
   * @throws EdgeBertError
   */
  async task<Name extends TaskName, const Given extends Inputs<Name>>(
    name: Name,
    inputs: Given,
    ...[parameters, options = {}]: Rest<Name, CallOptions>
  ): Promise<Answers<Name, Given>> {
    const { signal, model, onNotes } = options
    const response = await this.#send(`/v1/tasks/${name}`, signal, { inputs, parameters, model })
    const truncated = Number(response.headers.get('x-truncated') ?? 0)
    const warning = response.headers.get('x-warning') ?? ''
    if (truncated || warning) onNotes?.({ truncated, warning })
    const answer = (await this.#read(response, signal)) as Answers<Name, Given>
    return LISTED.has(name) && !Array.isArray(inputs)
      ? ((answer as Answers<Name, Given>[])[0] as Answers<Name, Given>)
      : answer
  }

  async #send(path: string, signal: AbortSignal | undefined, body: object): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (this.#key) headers.authorization = `Bearer ${this.#key}`
    const init = { method: 'POST', headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) }
    const send = this.#fetch // the global one refuses to be called as a method
    const response = await send(this.#url + path, init).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw new EdgeBertError(`no answer from ${this.#url}: ${cause}`, 'Network', undefined, cause)
    })
    if (response.ok) return response
    const answer = (await response.json().catch(() => null)) as { error?: string; error_type?: ClientErrorKind } | null
    const message = answer?.error ?? `${response.status} ${response.statusText}`
    throw new EdgeBertError(message, answer?.error_type ?? 'Unknown', response)
  }

  #read(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
    return response.json().catch((cause: unknown) => {
      signal?.throwIfAborted()
      const kind = cause instanceof SyntaxError ? 'Unknown' : 'Network'
      throw new EdgeBertError(`no whole answer from ${this.#url}: ${cause}`, kind, response, cause)
    })
  }
}
