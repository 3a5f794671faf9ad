/** The parts of the documents that are made from the code: `<!-- generated: name argument -->`. */
import { unstable_readConfig as readConfig } from 'wrangler'
import { z } from 'zod'
import { registry } from '../../../src/tasks/registry.ts'
import { startWorker, type TestWorker } from '../worker.ts'
import { statusTable } from './statuses.ts'

/** @throws Error for a part that nothing generates */
export async function generate(name: string, worker: TestWorker): Promise<string> {
  const [kind = '', argument = ''] = name.split(' ')
  switch (kind) {
    case 'tasks':
      return taskTable()
    case 'parameters':
      return parameterTable(argument)
    case 'models':
      return modelList(worker)
    case 'labels':
      return labelTable(worker)
    case 'limits':
      return limitTable(worker)
    case 'statuses':
      return statusTable()
    case 'memory':
      return memoryTable()
    default:
      throw new Error(`nothing generates "${name}"`)
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `\n${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n\n`
}

function taskTable(): string {
  const rows = [...registry.values()].map(({ name, description, batch }) => [
    `[\`${name}\`](#${name})`,
    description,
    batch ? 'yes' : '',
  ])
  return table(['task', 'what it does', 'list'], rows)
}

interface Schema {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
}

function parameterTable(name: string): string {
  const task = registry.get(name)
  if (!task) throw new Error(`no task "${name}"`)
  const { properties = {}, required = [] } = z.toJSONSchema(task.parameters, {
    io: 'input',
    unrepresentable: 'any',
  }) as Schema
  const rows = Object.entries(properties).map(([key, schema]) => [
    `\`${key}\``,
    typeOf(schema),
    `${required.includes(key) ? 'Required. ' : ''}${schema.description ?? ''}`,
  ])
  return table(['parameter', 'type', 'meaning'], rows)
}

/** `null` stands for "left out" everywhere, so it is not repeated. */
function typeOf(schema: Schema): string {
  if (schema.anyOf) {
    return schema.anyOf
      .map(typeOf)
      .filter((type) => type !== 'null')
      .join(' or ')
  }
  const values = schema.enum?.filter(
    (value) => !(schema.enum ?? []).includes(String(value).toLowerCase()) || value === String(value).toLowerCase(),
  )
  if (values) return values.map((value) => `\`${value}\``).join(', ')
  const type = [schema.type ?? 'any'].flat().filter((one) => one !== 'null')[0] ?? 'null'
  if (type === 'array') return `${schema.items ? typeOf(schema.items) : 'any'} list`
  return type + rangeOf(schema)
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const isLimit = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER
  const least = isLimit(minimum) ? `${minimum}` : exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`
  const most = isLimit(maximum) ? `${maximum}` : ''
  if (least === '' && most === '') return ''
  return ` ${least}${most === '' ? ' or more' : `${least === '' ? 'up' : ''} to ${most}`}`
}

interface DescribedModel {
  readonly id: string
  readonly description: string
  readonly bytes: number
  readonly aliases: readonly string[]
  readonly heads: Readonly<Record<string, { readonly labels?: readonly string[]; readonly bytes: number }>>
}

async function models(worker: TestWorker): Promise<DescribedModel[]> {
  return ((await (await worker.fetch('/v1/models')).json()) as { data: DescribedModel[] }).data
}

async function modelList(worker: TestWorker): Promise<string> {
  const items = (await models(worker)).map(({ id, description, bytes, aliases }) => {
    const names = aliases.map((alias) => `\`${alias}\``).join(', ')
    return `- \`${id}\`, ${inMegabytes(bytes)}: ${description} Also answers to ${names}.`
  })
  return `\n${items.join('\n')}\n\n`
}

async function labelTable(worker: TestWorker): Promise<string> {
  const rows = (await models(worker)).flatMap(({ heads }) =>
    Object.entries(heads)
      .filter(([, { labels }]) => labels)
      .map(([name, { labels = [] }]) => [`\`${name}\``, labels.join(', ')]),
  )
  return table(['head', 'labels'], rows)
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

const number = (value: unknown) => Number(value).toLocaleString('en')

async function limitTable(worker: TestWorker): Promise<string> {
  const { vars } = readConfig({ config: 'wrangler.toml' })
  const info = (await (await worker.fetch('/info')).json()) as Record<string, number>
  const { budget_bytes } = await worker.health()
  const bodies = await worker.fetch('/', { method: 'POST', body: ' '.repeat(2_100_000) })
  const [, bytes] = /at most (\d+) bytes/.exec(((await bodies.json()) as { error: string }).error) ?? []
  if (info.max_batch_tokens !== vars.MAX_BATCH_TOKENS || budget_bytes !== vars.MEMORY_BUDGET) {
    throw new Error('the Worker does not have the limits of wrangler.toml')
  }
  const set = (name: string) => `\`${name}\``
  const fixed = '`src/worker/bindings.ts`'
  return table(
    ['what', 'limit', 'over it', 'set in'],
    [
      ['tokens of one text', number(info.max_input_length), 'cut, or 422 with `truncate: false`', 'the model'],
      ['inputs of a request', number(info.max_client_batch_size), '422', fixed],
      ['tokens of a request', number(vars.MAX_BATCH_TOKENS), '422', set('MAX_BATCH_TOKENS')],
      ['tokens of one text read by windows', number(vars.MAX_WINDOWED_TOKENS), '422', set('MAX_WINDOWED_TOKENS')],
      ['bytes of a body', number(bytes), '413', fixed],
      ['requests at work in an isolate', number(vars.MAX_CONCURRENT_REQUESTS), '429', set('MAX_CONCURRENT_REQUESTS')],
      ['bytes of their bodies together', '8,000,000', '429', fixed],
      ['bytes of memory for models', number(vars.MEMORY_BUDGET), 'models take turns', set('MEMORY_BUDGET')],
    ],
  )
}

/** WASM heap and JavaScript bytes after each of some requests to one fresh isolate. */
async function memoryTable(): Promise<string> {
  const worker = await startWorker()
  const long = Array(510).fill('hello').join(' ')
  const steps: [string, string, object][] = [
    ['sentiment of a short text', '/tasks/sentiment', { inputs: 'What a lovely day!' }],
    ['sentiment of 512 tokens', '/tasks/sentiment', { inputs: long }],
    ['fill-mask: its head of 12 MB', '/tasks/fill-mask', { inputs: 'A [MASK].' }],
    ['an embedding: the second model', '/tasks/feature-extraction', { inputs: 'short' }],
    ['an embedding of 512 tokens', '/tasks/feature-extraction', { inputs: long }],
  ]
  const rows: string[][] = []
  for (const [what, path, body] of steps) {
    await worker.ask(path, body)
    const { wasm_heap_bytes, js_bytes, models } = await worker.health()
    const loaded = models.filter((model) => model.loaded.length > 0).map(({ id }) => id)
    rows.push([what, inMegabytes(wasm_heap_bytes), inMegabytes(js_bytes), loaded.join(', ')])
  }
  await worker.stop()
  return table(['after', 'WASM heap', 'JavaScript', 'loaded'], rows)
}
