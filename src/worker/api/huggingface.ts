/**
 * The Hugging Face contracts: tasks by name (the native routes speak the same shapes), models by id as the hosted
 * inference API has them. Errors: `{error, error_type}`, as text-embeddings-inference writes them.
 */
import { type ErrorKind, invalid, type ServiceError } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import type { Task } from '../../tasks/task.ts'
import { type AppContext, callOf, firstString, readJson } from '../http.ts'
import { answer, type Call, defaultTask, resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import type { ErrorAnswer, Family } from './family.ts'

const STATUS: Record<ErrorKind, ErrorAnswer['status']> = {
  empty: 400,
  malformed: 400,
  unauthorized: 401,
  'not-found': 404,
  'too-large': 413,
  validation: 422,
  overloaded: 429,
  'model-unavailable': 500,
}

const ERROR_TYPE: Record<ErrorKind, string> = {
  empty: 'Empty',
  malformed: 'Validation',
  unauthorized: 'Unauthorized',
  'not-found': 'NotFound',
  'too-large': 'Validation',
  validation: 'Validation',
  overloaded: 'Overloaded',
  'model-unavailable': 'Backend',
}

/** The error shape of Hugging Face routes and of text-embeddings-inference. */
export function huggingFaceError(error: ServiceError): ErrorAnswer {
  const code = error.kind === 'model-unavailable' ? { code: 'model_unavailable' } : {}
  return { status: STATUS[error.kind], body: { error: error.message, error_type: ERROR_TYPE[error.kind], ...code } }
}

export const huggingFace: Family = {
  owns: (path) => /^\/(v1\/tasks|tasks|models|hf-inference)(\/|$)/.test(path),
  error: huggingFaceError,

  mount(app, ports) {
    for (const path of ['/v1/tasks/:task', '/tasks/:task']) {
      app.post(path, async (c) => c.json(await byTask(c, ports, c.req.param('task') ?? '')))
    }
    for (const path of ['/models/*', '/hf-inference/models/*']) {
      app.post(path, async (c) => c.json(await byModel(c, ports, new URL(c.req.url).pathname)))
    }
  },
}

async function byTask(c: AppContext, ports: Ports, name: string): Promise<unknown> {
  const call = callOf(c, ports)
  const task = resolveTask(name)
  const body = await readJson(c)
  const model = await resolveModel(call, firstString(body.model), task.role)
  return run(call, task, model, body)
}

/** `{id}`, `{id}/{head}` or `{id}/pipeline/{task}`, with the id's slash raw or as %2F. */
async function byModel(c: AppContext, ports: Ports, pathname: string): Promise<unknown> {
  const call = callOf(c, ports)
  const rest = decodeURIComponent(pathname.replace(/^.*?\/models\//, ''))
  const [, id = '', named] = /^(.+?)(?:\/pipeline\/([^/]+))?\/?$/.exec(rest) ?? []
  const body = await readJson(c)
  if (named) return run(call, resolveTask(named), await resolveModel(call, id, resolveTask(named).role), body)

  const cut = id.lastIndexOf('/')
  const head = cut > 0 ? id.slice(cut + 1) : ''
  const withHead = cut > 0 ? await resolveModel(call, id.slice(0, cut), 'multitask').catch(() => null) : null
  if (withHead && (head in withHead.heads || head === withHead.default_task)) {
    return run(call, resolveTask(head), withHead, body)
  }
  const model = await resolveModel(call, id, 'multitask')
  return run(call, defaultTask(model, body.inputs), model, body)
}

/** Options may stand at the root, too (feature-extraction's clients put them there); `parameters` win. */
function run(call: Call, task: Task, model: Manifest, body: Record<string, unknown>) {
  const { inputs, parameters, model: _, ...root } = body
  return answer(call, { task, model, inputs, parameters: { ...root, ...asObject(parameters) } })
}

function asObject(parameters: unknown): Record<string, unknown> {
  if (parameters === undefined || parameters === null) return {}
  if (typeof parameters === 'object' && !Array.isArray(parameters)) return parameters as Record<string, unknown>
  const found = Array.isArray(parameters) ? 'an array' : typeof parameters
  throw invalid(`\`parameters\` must be an object. Given: ${found}`, 'parameters')
}
