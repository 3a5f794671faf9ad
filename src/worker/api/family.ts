/** An API family: its routes, and how it writes errors. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ServiceError } from '../../errors.ts'
import type { AppEnv } from '../http.ts'
import type { Ports } from '../ports.ts'

export interface ErrorAnswer {
  readonly status: 400 | 401 | 404 | 413 | 422 | 429 | 500
  readonly body: unknown
}

export interface Family {
  /** True for paths whose errors this family writes, also where no route matches. */
  owns(path: string): boolean
  error(error: ServiceError): ErrorAnswer
  mount(app: OpenAPIHono<AppEnv>, ports: Ports): void
}
