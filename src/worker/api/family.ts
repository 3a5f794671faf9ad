/**
 * An API family: its routes, how it writes errors, and what the API reference says of them. Handlers and reference
 * come from one table, so that neither can know a route that the other does not.
 */
import type { ZodType } from 'zod'
import type { ErrorKind, ServiceError } from '../../errors.ts'
import type { AppContext, Body } from '../http.ts'
import type { Ports } from '../ports.ts'

export interface ErrorAnswer {
  readonly status: 400 | 401 | 404 | 413 | 422 | 429 | 500
  /** null for an answer without a body. */
  readonly body: object | null
}

export interface Family {
  readonly name: string
  /** True for paths whose errors this family writes, also where no route matches. */
  owns(path: string): boolean
  /** Paths that it has only for some bodies; for others they are whose `owns` says so. */
  readonly shared?: { readonly paths: readonly string[]; speaks(body: Body): boolean }
  error(error: ServiceError): ErrorAnswer
  routes(ports: Ports): readonly Route[]
}

export interface Route {
  readonly method: 'get' | 'post'
  /** Patterns of Hono's router; all of them run the same handler. */
  readonly paths: readonly string[]
  /** Gives the value to answer as JSON, or a whole response. */
  readonly handle: (c: AppContext) => unknown
  /** One for each path of the reference; where it has no `path`, it stands for all patterns of the route. */
  readonly operations: readonly Operation[]
}

export interface Operation {
  /** As OpenAPI writes paths, where Hono's pattern says less. */
  readonly path?: string
  readonly summary: string
  readonly body?: ZodType
  /** A body that is answered with 200; tests send it. */
  readonly example?: object
  /** Values for the placeholders of `path` that go with the example. */
  readonly placeholders?: Readonly<Record<string, string>>
  /** What a 200 holds: JSON of this schema, or text of a media type. */
  readonly answer: ZodType | `text/${string}`
  /** Answers as events, too, to those who ask: see events.ts. */
  readonly events?: true
}

/** Statuses by kind, as text-embeddings-inference has them (since 1.9); the OpenAI family has its own. */
export const STATUS: Readonly<Record<ErrorKind, ErrorAnswer['status']>> = {
  empty: 400,
  malformed: 400,
  unauthorized: 401,
  'not-found': 404,
  'too-large': 413,
  validation: 422,
  overloaded: 429,
  'model-unavailable': 500,
  internal: 500,
}
