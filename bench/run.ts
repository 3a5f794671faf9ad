/**
 * `npm run bench`: cold and warm answers in workerd, the same graph by bare session.run, the tokenizer against
 * transformers.js, and the WASM heap; one table of medians and ratios, made in one run. Quiet machine, please.
 */
import { cpus } from 'node:os'
import build, { buildWorker } from '../test/support/build.ts'
import { startWorker, type TestWorker } from '../test/support/worker.ts'
import { bareEncoder } from './bare.ts'
import { median, printTable, type Row } from './table.ts'
import { benchTokenizer } from './tokenizer.ts'

const COLD_RUNS = 7
const WARM_RUNS = 15
/** V8 compiles the hot functions of the WASM again during the first runs. */
const WARM_UPS = 5
const PHASES = ['bytes', 'session', 'tokenize', 'encode', 'head', 'decode'] as const

/** "hello" is one token; [CLS] and [SEP] make up the rest. */
const textOf = (tokens: number) =>
  Array(tokens - 2)
    .fill('hello')
    .join(' ')
const idsOf = (tokens: number) => [101, ...Array(tokens - 2).fill(7592), 102]

function timings(response: Response): Record<string, number> {
  const header = response.headers.get('server-timing') ?? ''
  return Object.fromEntries(
    header.split(', ').map((part) => {
      const [name, duration] = part.split(';dur=')
      return [name as string, Number(duration)]
    }),
  )
}

async function timedPost(worker: TestWorker, path: string, body: unknown) {
  const start = performance.now()
  const response = await worker.post(path, body)
  await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  return { wall: performance.now() - start, ...timings(response) } as Record<string, number>
}

async function cold(): Promise<Row[]> {
  const runs: Record<string, number>[] = []
  for (let i = 0; i < COLD_RUNS; i++) {
    const worker = await startWorker()
    runs.push(await timedPost(worker, '/v1/tasks/sentiment', { inputs: 'What a lovely day!' }))
    await worker.stop()
  }
  const column = (name: string) => median(runs.map((run) => run[name] as number))
  return [
    { what: 'cold first answer, all of the request', ours: column('wall'), unit: 'ms', note: 'aim 400' },
    ...PHASES.map((phase) => ({ what: `cold: ${phase}`, ours: column(phase), unit: 'ms' })),
  ]
}

/** Inputs in one request: the Worker's clock counts whole milliseconds, so short runs are timed together. */
const inputsPerRequest = (tokens: number) => Math.max(1, Math.round(1024 / tokens))

async function warm(worker: TestWorker, bareWorker: TestWorker): Promise<Row[]> {
  const bareNode = await bareEncoder()
  const rows: Row[] = []
  for (const tokens of [16, 128, 512]) {
    const n = inputsPerRequest(tokens)
    const ids = idsOf(tokens)
    const samples: Record<'all' | 'encode' | 'one' | 'workerd' | 'node', number>[] = []
    for (let i = -WARM_UPS; i < WARM_RUNS; i++) {
      const batch = await timedPost(worker, '/v1/tasks/sentiment', { inputs: Array(n).fill(textOf(tokens)) })
      const { milliseconds } = await bareWorker.ask('/', { ids, runs: n })
      const single = await timedPost(worker, '/v1/tasks/sentiment', { inputs: textOf(tokens) })
      const start = performance.now()
      for (let k = 0; k < n; k++) await bareNode(ids)
      const node = (performance.now() - start) / n
      if (i < 0) continue
      const all = PHASES.reduce((total, phase) => total + (batch[phase] as number), 0) / n
      samples.push({
        all,
        encode: (batch.encode as number) / n,
        one: single.wall as number,
        workerd: milliseconds,
        node,
      })
    }
    const column = (name: keyof (typeof samples)[number]) => median(samples.map((sample) => sample[name]))
    const workerd = { name: 'bare session.run, workerd', value: column('workerd') }
    const node = { name: 'bare session.run, Node', value: column('node') }
    rows.push(
      { what: `warm ${tokens} tokens: all phases`, ours: column('all'), unit: 'ms', peer: workerd, note: 'aim 1.05' },
      { what: `warm ${tokens} tokens: encode`, ours: column('encode'), unit: 'ms', peer: workerd },
      { what: `warm ${tokens} tokens: all phases`, ours: column('all'), unit: 'ms', peer: node },
      { what: `warm ${tokens} tokens: HTTP round trip of one`, ours: column('one'), unit: 'ms', peer: node },
    )
  }
  return rows
}

const ANALYZED = ['sentiment', 'emotion', 'toxicity', 'topic', 'token-classification']

/** Five single-text tasks by one encoder pass, against the slowest of the five alone. */
async function analyze(worker: TestWorker): Promise<Row[]> {
  const inputs = textOf(128)
  const together: number[] = []
  const alone: number[][] = ANALYZED.map(() => [])
  for (let i = -WARM_UPS; i < WARM_RUNS; i++) {
    const all = (await timedPost(worker, '/v1/tasks/analyze', { inputs, tasks: ANALYZED })).wall as number
    if (i >= 0) together.push(all)
    for (const [k, task] of ANALYZED.entries()) {
      const one = (await timedPost(worker, `/v1/tasks/${task}`, { inputs })).wall as number
      if (i >= 0) alone[k]?.push(one)
    }
  }
  const slowest = { name: 'slowest of the five alone', value: Math.max(...alone.map(median)) }
  return [
    { what: 'analyze: five tasks, 128 tokens', ours: median(together), unit: 'ms', peer: slowest, note: 'aim 1.15' },
  ]
}

async function heap(worker: TestWorker): Promise<Row[]> {
  const { wasm_heap_bytes, js_bytes, peak_bytes } = await worker.health()
  return [
    { what: 'WASM heap after 512 tokens', ours: wasm_heap_bytes / 1e6, unit: 'MB', note: 'limit 75' },
    { what: 'JavaScript bytes held', ours: js_bytes / 1e6, unit: 'MB' },
    { what: 'peak of both together', ours: peak_bytes / 1e6, unit: 'MB', note: 'budget 100' },
  ]
}

build()
buildWorker('bench/bare-worker.ts', 'dist/bare')
const rows = await cold()
const worker = await startWorker()
const bareWorker = await startWorker({ build: 'dist/bare' })
rows.push(...(await warm(worker, bareWorker)), ...(await analyze(worker)), ...(await heap(worker)))
await Promise.all([worker.stop(), bareWorker.stop()])
rows.push(...(await benchTokenizer()))
printTable(`edge-bert bench, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`, rows)
