/**
 * The Hugging Face contracts: tasks by name (the native routes speak the same shapes), models by id as the hosted
 * inference API has them, both also with the suffix /v1/completions that clients append for text generation. Errors:
 * `{error, error_type}`, as text-embeddings-inference writes them.
 */
import { z } from 'zod'
import { type ErrorKind, invalid, ServiceError } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import { registry } from '../../tasks/registry.ts'
import type { Task } from '../../tasks/task.ts'
import type { GeneratedText } from '../../tasks/text-generation.ts'
import { type AppContext, afterPrefix, type Body, callOf, EventStream, firstString, readJson } from '../http.ts'
import { answer, type Call, defaultTask, resolveModel, resolveTask, taskOn } from '../inference.ts'
import { completion, completionRequest, completionResponse, finishReason } from './completions.ts'
import { endpointRoutes } from './endpoint-routes.ts'
import { type ErrorAnswer, type Family, type Operation, type Route, STATUS } from './family.ts'
import { countTokens, details, tokenEvents } from './generated-tokens.ts'
import { examples } from './task-examples.ts'

const ERROR_TYPE: Record<ErrorKind, string> = {
  empty: 'Empty',
  malformed: 'Validation',
  unauthorized: 'Unauthorized',
  'not-found': 'NotFound',
  'too-large': 'Validation',
  validation: 'Validation',
  overloaded: 'Overloaded',
  'model-unavailable': 'Backend',
  internal: 'Backend',
}

/** The error shape of Hugging Face routes and of text-embeddings-inference. */
export function huggingFaceError(error: ServiceError): ErrorAnswer {
  const code = error.kind === 'model-unavailable' ? { code: 'model_unavailable' } : {}
  return { status: STATUS[error.kind], body: { error: error.message, error_type: ERROR_TYPE[error.kind], ...code } }
}

const COMPLETIONS = '/v1/completions'
const COMPLETIONS_END = /\/v1\/completions\/?$/
const taskPaths = ['/v1/tasks', '/tasks']
const modelPaths = ['/models', '/hf-inference/models']

export const huggingFace: Family = {
  name: 'Hugging Face',
  owns: (path) => /^\/((v1\/)?tasks|hf-inference)(\/|$)|^\/models\/./.test(path),
  error: huggingFaceError,

  routes: (ports): readonly Route[] => [
    {
      method: 'post',
      paths: taskPaths.map((path) => `${path}/:task`),
      handle: async (c) => byTask(c, callOf(c, ports), await readJson(c)),
      operations: taskPaths.flatMap((path) => [...registry.values()].map((task) => operation(path, task))),
    },
    {
      method: 'post',
      paths: taskPaths.map((path) => `${path}/:task${COMPLETIONS}`),
      handle: async (c) => {
        resolveTask(c.req.param('task') ?? '')
        return completion(callOf(c, ports), await readJson(c))
      },
      operations: taskPaths.map((path) =>
        completionOperation(`${path}/{task}${COMPLETIONS}`, { task: 'text-generation' }),
      ),
    },
    {
      method: 'post',
      paths: modelPaths.map((path) => `${path}/*`),
      handle: async (c) => byModel(callOf(c, ports), afterPrefix(c, /^.*?\/models\//), await readJson(c)),
      operations: modelPaths.flatMap(modelOperations),
    },
    ...endpointRoutes(ports, taskPaths, modelPaths),
  ],
}

/** `POST /`: the default task of the default model. */
export async function runDefaultTask(call: Call, body: Body): Promise<unknown> {
  const { model, task } = await byDefault(call, firstString(body.model), body)
  return run(call, task, model, body)
}

/** The task goes by the model and the body; a request that names no model gets the default of that task. */
async function byDefault(call: Call, name: string | undefined, body: Body): Promise<{ model: Manifest; task: Task }> {
  const task = defaultTask(await resolveModel(call, name, 'multitask'), body)
  return { task, model: await resolveModel(call, name, task.role) }
}

async function byTask(c: AppContext, call: Call, body: Body): Promise<unknown> {
  const task = resolveTask(c.req.param('task') ?? '')
  return run(call, task, await resolveModel(call, firstString(body.model), task.role), body)
}

/** `{id}`, `{id}/{head}`, `{id}/pipeline/{task}`, each with or without /v1/completions; the id's slash raw or as %2F. */
async function byModel(call: Call, path: string, body: Body): Promise<unknown> {
  const named = path.replace(COMPLETIONS_END, '').replace(/\/$/, '')
  const { model, task } = await parseModelPath(call, named, body)
  return COMPLETIONS_END.test(path) ? completion(call, body, model) : run(call, task, model, body)
}

async function parseModelPath(call: Call, path: string, body: Body): Promise<{ model: Manifest; task: Task }> {
  const [, piped, name] = /^(.+)\/pipeline\/([^/]+)$/.exec(path) ?? []
  if (piped && name) {
    const task = resolveTask(name)
    return { task, model: await resolveModel(call, piped, task.role) }
  }
  const cut = path.lastIndexOf('/')
  const task = registry.get(path.slice(cut + 1))
  const model = cut > 0 && task ? await knownModel(call, path.slice(0, cut), task.role) : null
  return task && model ? { task, model } : ((await byHead(call, path)) ?? byDefault(call, path, body))
}

/** `{id}/{head}` of a head that no task is named after; null where the whole path names a model. */
async function byHead(call: Call, path: string): Promise<{ model: Manifest; task: Task } | null> {
  const cut = path.lastIndexOf('/')
  if (cut < 0 || (await knownModel(call, path, 'multitask'))) return null
  const model = await knownModel(call, path.slice(0, cut), 'multitask')
  const task = model && taskOn(model, path.slice(cut + 1))
  return task ? { task, model } : null
}

async function knownModel(call: Call, id: string, role: Task['role']): Promise<Manifest | null> {
  return resolveModel(call, id, role).catch((error: unknown) => {
    if (error instanceof ServiceError && error.kind === 'not-found') return null
    throw error
  })
}

/** Options may stand at the root, too (feature-extraction's clients put them there); `parameters` win. */
async function run(call: Call, task: Task, model: Manifest, body: Body): Promise<unknown> {
  const { inputs, parameters, model: _, ...root } = body
  const given: Body = { ...root, ...asObject(parameters) }
  // A stream of tokens has events of its own kind; nothing else may stand before them.
  const silent = given.stream === true ? { ...call, progress: undefined } : call
  const found = await answer(silent, { task, model, inputs, parameters: given })
  return task.name === 'text-generation' ? textGeneration(call, model, { ...given, inputs }, found) : found
}

function asObject(parameters: unknown): Record<string, unknown> {
  if (parameters === undefined || parameters === null) return {}
  if (typeof parameters === 'object' && !Array.isArray(parameters)) return parameters as Record<string, unknown>
  const found = Array.isArray(parameters) ? 'an array' : typeof parameters
  throw invalid(`\`parameters\` must be an object. Given: ${found}`, 'parameters')
}

/** What text-generation-inference adds to the hub's answer: `details`, and a stream of tokens. */
async function textGeneration(call: Call, model: Manifest, given: Body, found: unknown): Promise<unknown> {
  if (!given.details && given.stream !== true) return found
  const [{ generated_text: answer }] = [found].flat() as [GeneratedText]
  const prompt = given.inputs as string
  const tokenizer = await call.ports.library.tokenizer(model, call.usage, call.keepAlive)
  const isStopped = [given.stop ?? []].flat().length > 0
  const text = given.return_full_text === false ? answer : answer.slice(prompt.length)
  const generated = {
    text,
    before: given.return_full_text === false ? '' : prompt,
    finish_reason: isStopped ? finishReason(text, call.usage.passes, (given.max_new_tokens as number) ?? 20) : 'length',
    seed: typeof given.seed === 'number' ? given.seed : 0,
    input_length: countTokens(prompt, tokenizer),
  } as const
  if (given.stream === true) return new EventStream(tokenEvents(generated, tokenizer), false)
  return [{ generated_text: answer, details: details(generated, tokenizer) }]
}

/** A task's operation: its own schemas, one input or a list of them. */
function operation(path: string, task: Task): Operation {
  const example = examples[task.name]
  return {
    path: `${path}/${task.name}`,
    summary: task.description,
    body: z.object({
      inputs: task.batch ? z.union([task.input, z.array(task.input)]) : task.input,
      parameters: task.parameters.nullish(),
      model: z.string().nullish(),
    }),
    ...(example ? { example: example.body } : {}),
    answer: example?.answer ?? z.unknown(),
    events: true,
  }
}

function modelOperations(path: string): Operation[] {
  const body = z.object({ inputs: z.unknown(), parameters: z.looseObject({}).nullish() })
  const example = { inputs: 'What a lovely day!' }
  const model = 'multitask-minilm'
  const answer = z.unknown()
  return [
    {
      path: `${path}/{model}`,
      summary: "The model's default task; fill-mask where a text has a [MASK].",
      placeholders: { model },
      body,
      example,
      answer,
      events: true,
    },
    {
      path: `${path}/{model}/{head}`,
      summary: 'A task on this model, by its name or that of a head.',
      placeholders: { model, head: 'emotion' },
      body,
      example,
      answer,
      events: true,
    },
    {
      path: `${path}/{model}/pipeline/{task}`,
      summary: 'A task on this model.',
      placeholders: { model, task: 'sentiment' },
      body,
      example,
      answer,
      events: true,
    },
    completionOperation(`${path}/{model}${COMPLETIONS}`, { model }),
  ]
}

function completionOperation(path: string, placeholders: Readonly<Record<string, string>>): Operation {
  return {
    path,
    placeholders,
    summary: 'Text generation in the shape of OpenAI, for clients that append this path.',
    body: completionRequest,
    example: { prompt: 'The weather today is', max_tokens: 4, seed: 1 },
    answer: completionResponse,
  }
}
