/**
 * From a validated contract to an answer: the one place where every API family's requests meet the tasks. Batches,
 * defaults, aliases and validation are settled here and nowhere else.
 */
import type { ZodError, ZodType } from 'zod'
import { empty, invalid, ServiceError } from '../errors.ts'
import type { Manifest } from '../model/package.ts'
import type { Progress } from '../model/progress.ts'
import { registry } from '../tasks/registry.ts'
import { runTask } from '../tasks/run.ts'
import type { Task } from '../tasks/task.ts'
import { headClassification } from '../tasks/text-classification.ts'
import type { Usage } from '../usage.ts'
import type { Body } from './http.ts'
import type { Ports } from './ports.ts'
import { describeIssue } from './validation.ts'

/** What a request brings along: where its cost is booked and what outlives it. */
export interface Call {
  readonly ports: Ports
  readonly usage: Usage
  readonly keepAlive: (work: Promise<unknown>) => void
  /** Told of the files that the call has to load. */
  readonly progress?: Progress | undefined
}

export interface TaskRequest {
  readonly task: Task
  /** The model's manifest; see resolveModel. */
  readonly model: Manifest
  readonly inputs: unknown
  readonly parameters: unknown
  /** What the contract calls its inputs, for errors; '' when they are fields of the body itself. */
  readonly field?: string
  /** Where the contract has the parameters; '' for the body itself, which is the default where it renames `inputs`. */
  readonly parametersField?: string
  /** What the contract calls other fields that errors of the task name, by the task's own names. */
  readonly names?: Readonly<Record<string, string>>
}

/**
 * Answers a task request in the hub's shape: one answer for one input, a list for a list.
 * @throws ServiceError
 */
export async function answer(call: Call, request: TaskRequest): Promise<unknown> {
  const { task } = request
  const single = !(task.batch && Array.isArray(request.inputs))
  const answers = await answerAll(call, { ...request, inputs: single ? [request.inputs] : request.inputs })
  return single && !task.listed ? answers[0] : answers
}

/** As `answer`, with a list of inputs whatever the task; one answer each, in order. */
export async function answerAll(call: Call, request: TaskRequest): Promise<unknown[]> {
  const { task, model: manifest, field = 'inputs' } = request
  const { parametersField = field === 'inputs' ? 'parameters' : '' } = request
  const { ports, usage } = call
  const given = request.inputs as readonly unknown[]
  checkCount(given, field, ports)
  const parameters = parse(task.parameters, request.parameters ?? {}, parametersField)
  const inputs = given.map((input, i) => parse(task.input, input, given.length === 1 ? field : `${field}[${i}]`))
  usage.inputs += given.length
  usage.kind = task.role === 'embedding' ? 'embed' : 'predict'
  usage.characters += countCharacters(inputs)
  const model = await ports.library.open(manifest, usage, call.keepAlive, call.progress)
  return runTask(task, inputs, parameters, model, ports.tokens, usage).catch((error: unknown) => {
    throw renamed(error, { ...(field === '' ? {} : { inputs: field }), ...request.names })
  })
}

/** @throws ServiceError('empty' | 'validation') for a list with no element, or more than one request may have */
export function checkCount(list: readonly unknown[], field: string, { maxInputs }: Ports): void {
  if (list.length === 0) throw empty(`\`${field}\` cannot be empty`, field)
  if (list.length > maxInputs) {
    throw invalid(`\`${field}\` must have at most ${maxInputs} elements. Given: ${list.length}`, field)
  }
}

/** Tasks speak of their fields as the hub does; a caller knows them by the names in its own contract. */
function renamed(error: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof ServiceError) || error.param === undefined) return error
  const { param, message, kind } = error
  const name = Object.hasOwn(names, param) ? names[param] : undefined
  if (name === undefined || name === param) return error
  // No closing quote: an index may follow.
  return new ServiceError(kind, message.replaceAll(`\`${param}`, `\`${name}`), { param: name, cause: error })
}

/** Code points of all strings in a value. */
function countCharacters(value: unknown): number {
  if (typeof value === 'string') {
    let count = value.length
    for (const _ of value.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) count--
    return count
  }
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((sum: number, item) => sum + countCharacters(item), 0)
}

/** @throws ServiceError('not-found') that names the tasks there are */
export function resolveTask(name: string): Task {
  const task = registry.get(name)
  if (!task) throw new ServiceError('not-found', `unknown task "${name}"; tasks are ${[...registry.keys()].join(', ')}`)
  return task
}

/** A task of the registry, or a classification head of the model by a name of its own. */
export function taskOn(manifest: Manifest, name: string): Task | undefined {
  const head = Object.hasOwn(manifest.heads, name) ? manifest.heads[name] : undefined
  const isOwn = !registry.has(name) && head?.task === 'text-classification'
  return isOwn ? (headClassification(name, head.pair) as unknown as Task) : registry.get(name)
}

/** Names that mean "the default model of the task"; the last is what Infinity's own client says when nobody names one. */
const UNNAMED = new Set(['', 'default', 'bert', 'default/not-specified'])
/** A longer name of an unknown model is not repeated. */
const MOST_NAMED = 100

/**
 * The model a request means: by id or alias, or the default of the role when it names none (or a URL, which is how
 * some clients repeat the endpoint's own address).
 * @throws ServiceError('not-found') for a name that is none of these
 */
export async function resolveModel(call: Call, name: string | null | undefined, role: Task['role']): Promise<Manifest> {
  const { ports } = call
  const unnamed = name === null || name === undefined || UNNAMED.has(name) || /^https?:\/\//.test(name)
  const id = unnamed ? ports.defaults[role] : await unalias(ports, name)
  const manifest = await call.usage.measureAsync('bytes', () => ports.library.manifest(id))
  if (manifest) return manifest
  if (unnamed)
    throw new ServiceError('model-unavailable', `model_unavailable: the default model ${id} is not installed`)
  const given = name.length > MOST_NAMED ? `of ${name.length} characters` : `"${name}"`
  throw new ServiceError('not-found', `unknown model ${given}; installed: ${ports.models.join(', ')}`, {
    param: 'model',
  })
}

async function unalias(ports: Ports, name: string): Promise<string> {
  if (!ports.aliases || ports.models.includes(name)) return name
  for (const id of ports.models) {
    const manifest = await ports.library.manifest(id)
    if (manifest?.aliases.includes(name)) return id
  }
  return name
}

/** Fields that only one task's requests have: of an input, and of `parameters`. */
const TELLING_INPUTS = { question: 'question-answering', source_sentence: 'sentence-similarity' }
const TELLING_PARAMETERS = {
  candidate_labels: 'zero-shot-classification',
  aggregation_strategy: 'token-classification',
  max_new_tokens: 'text-generation',
  return_full_text: 'text-generation',
  details: 'text-generation',
}

/**
 * The task that `POST /models/{id}` and `POST /` run when the path names none: the one that the body's fields tell, for
 * clients that are given one URL for all tasks; else fill-mask for a text with a mask in it, where the model can do
 * that; else the manifest's default.
 */
export function defaultTask(manifest: Manifest, { inputs, parameters, stream }: Body): Task {
  const list = Array.isArray(inputs) ? inputs : [inputs]
  const told =
    taskToldBy(list[0], TELLING_INPUTS) ??
    taskToldBy(parameters, TELLING_PARAMETERS) ??
    (stream === true ? 'text-generation' : undefined)
  if (told) return resolveTask(told)
  const isMasked = list.some((text) => typeof text === 'string' && text.includes('[MASK]'))
  if (isMasked && 'fill-mask' in manifest.heads) return resolveTask('fill-mask')
  return taskOn(manifest, manifest.default_task) ?? resolveTask(manifest.default_task)
}

function taskToldBy(value: unknown, fields: Readonly<Record<string, string>>): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(fields).find(([field]) => field in value)?.[1]
}

/**
 * @param field where the value stands in the request; '' for the body itself
 * @throws ServiceError('empty' | 'validation') with the field, what is allowed and what was given
 */
export function parse<T>(schema: ZodType<T>, value: unknown, field: string): T {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw validationError(result.error, field)
}

function validationError(error: ZodError, field: string): ServiceError {
  const { message, param, isEmpty } = describeIssue(error, field)
  return isEmpty ? empty(message, param) : invalid(message, param)
}
