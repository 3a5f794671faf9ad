/**
 * What can go wrong, said once. Every room throws `ServiceError`; each API family maps `kind` to its own
 * status and body. An error that is not a `ServiceError` is a defect and loses its message at the edge.
 */
export type ErrorKind =
  /** A text or a list of length 0 where something is needed. */
  | 'empty'
  /** A value of the wrong type, out of range, or over a token limit. */
  | 'validation'
  /** A body that is not JSON. */
  | 'malformed'
  /** A body over the byte limit. */
  | 'too-large'
  | 'not-found'
  | 'unauthorized'
  /** No room or no turn right now; the same request may succeed later. */
  | 'overloaded'
  /** The bytes of a model are missing, corrupt or do not fit. */
  | 'model-unavailable'
  /** A defect of ours; its message names nothing but the request. */
  | 'internal'

export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly kind: ErrorKind
  /** The request field at fault, where there is one. */
  readonly param: string | undefined

  constructor(kind: ErrorKind, message: string, options: { param?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.param = options.param
  }
}

/** Of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

export function invalid(message: string, param?: string): ServiceError {
  return new ServiceError('validation', message, param === undefined ? {} : { param })
}

export function empty(message: string, param?: string): ServiceError {
  return new ServiceError('empty', message, param === undefined ? {} : { param })
}
