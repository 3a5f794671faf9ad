/** The API reference (OpenAPI 3.1), made from the very tables that mount the routes. */
import { type ZodType, z } from 'zod'
import { version } from '../../package.json'
import { type ErrorKind, ServiceError } from '../errors.ts'
import type { Family, Operation, Route } from './api/family.ts'
import { isPublic } from './middleware/auth.ts'

export interface Mounted {
  readonly family: Family
  readonly routes: readonly Route[]
}

/** What may go wrong with any POST; every family has a status of its own for each. */
const KINDS: readonly ErrorKind[] = [
  'malformed',
  'unauthorized',
  'not-found',
  'too-large',
  'validation',
  'overloaded',
  'model-unavailable',
]

const REASONS: Readonly<Record<number, string>> = {
  400: 'Empty input, or a body that is not JSON.',
  401: 'The secret API_KEY is set, and the request has another key or none.',
  404: 'No such model, task or path.',
  413: 'A body over the byte limit.',
  422: 'A value of a wrong type or out of range, or a text or batch over a limit; the message has the numbers.',
  429: 'Too much in flight; try again after Retry-After.',
  500: 'A model that cannot be loaded.',
}

/** What `accept: text/event-stream` gets instead of JSON. */
const EVENTS = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description:
        '`progress` {model, file, received, total} while a model loads, then `result` or `error` {status, headers, body}.',
    },
  },
}

/**
 * The reference as JSON; the page at /docs draws it.
 * @param mounted read when a request comes, so that this route may be added to it and describe itself
 */
export function referenceRoute(mounted: readonly Mounted[]): Route {
  return {
    method: 'get',
    paths: ['/openapi.json', '/api-doc/openapi.json'],
    handle: () => describeApi(mounted),
    operations: [{ summary: 'This document.', answer: z.looseObject({ openapi: z.string() }) }],
  }
}

interface Document {
  openapi: string
  info: { title: string; version: string; description: string; license: object }
  paths: Record<string, Record<string, DocumentedOperation>>
  [part: string]: unknown
}

interface DocumentedOperation {
  summary: string
  tags: string[]
  [part: string]: unknown
}

function describeApi(mounted: readonly Mounted[]): Document {
  const paths: Document['paths'] = {}
  for (const { family, routes } of mounted) {
    for (const route of routes) {
      for (const operation of route.operations) {
        for (const path of operation.path ? [operation.path] : route.paths) {
          const described = describeOperation(family, route, path, operation)
          const methods = paths[path] ?? {}
          paths[path] = methods
          const other = methods[route.method]
          methods[route.method] = other ? combine(other, described) : described
        }
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'edge-bert',
      version,
      description: 'Every BERT task at the edge, behind the APIs that clients already speak.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, {}],
    tags: [...new Set(mounted.map(({ family }) => family.name))].map((name) => ({ name })),
    paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  }
}

function describeOperation(family: Family, route: Route, path: string, operation: Operation): DocumentedOperation {
  const { summary, body, example, answer, placeholders = {} } = operation
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
  const kinds =
    route.method === 'post'
      ? KINDS
      : names.length > 0
        ? (['unauthorized', 'not-found'] as const)
        : (['unauthorized'] as const)
  const failures = new Map<number, ErrorKind>()
  for (const kind of kinds) {
    if (kind === 'unauthorized' && isPublic(route.method.toUpperCase(), path)) continue
    failures.set(family.error(new ServiceError(kind, '')).status, kind)
  }
  const statuses = [...failures].toSorted(([a], [b]) => a - b)
  return {
    operationId: `${route.method}${path.replace(/[^\w]+(\w?)/g, (_, next: string) => `_${next}`)}`,
    summary,
    tags: [family.name],
    ...(names.length > 0
      ? {
          parameters: names.map((name) => ({
            name,
            in: 'path',
            required: true,
            schema: { type: 'string' },
            example: placeholders[name],
          })),
        }
      : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(body), ...(example ? { example } : {}) } },
          },
        }
      : {}),
    responses: {
      200: { description: 'OK', content: { ...content(answer), ...(operation.events ? EVENTS : {}) } },
      ...Object.fromEntries(statuses.map(([status, kind]) => [status, describeFailure(family, status, kind)])),
    },
  }
}

function describeFailure(family: Family, status: number, kind: ErrorKind): object {
  const { body } = family.error(new ServiceError(kind, 'what is wrong, with the limit and the value'))
  return {
    description: REASONS[status] ?? 'Error',
    ...(status === 429 ? { headers: { 'retry-after': { schema: { type: 'integer' } } } } : {}),
    ...(body ? { content: { 'application/json': { schema: { type: 'object' }, example: body } } } : {}),
  }
}

/** Two families on one path (the body decides): either's body, either's answer, all statuses of both. */
function combine(a: DocumentedOperation, b: DocumentedOperation): DocumentedOperation {
  type Part = { content?: Record<string, { schema: object }> }
  const schemas = [a, b].map(({ requestBody }) => (requestBody as Part).content?.['application/json'])
  const answers = [a, b].map(({ responses }) => (responses as Record<string, Part>)[200]?.content?.['application/json'])
  const anyOf = (parts: ({ schema: object } | undefined)[]) => ({
    ...parts[0],
    schema: { anyOf: parts.map((part) => part?.schema ?? {}) },
  })
  return {
    ...a,
    summary: `${a.tags[0]}: ${a.summary} ${b.tags[0]}: ${b.summary}`,
    tags: [...a.tags, ...b.tags],
    requestBody: { required: true, content: { 'application/json': anyOf(schemas) } },
    responses: {
      ...(b.responses as object),
      ...(a.responses as object),
      200: { description: 'OK', content: { 'application/json': anyOf(answers) } },
    },
  }
}

function content(answer: Operation['answer']): object {
  if (typeof answer === 'string') return { [answer]: { schema: { type: 'string' } } }
  return { 'application/json': { schema: jsonSchema(answer) } }
}

/**
 * OpenAPI 3.1 takes JSON Schema as it is; only the dialect's own key must go. As zod's input, so that objects stay
 * open: requests may have fields that we ignore, answers may gain some.
 */
function jsonSchema(schema: ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
