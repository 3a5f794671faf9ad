/**
 * `npm run bench`: cold and warm answers in workerd, the same graph by bare session.run, the tokenizer against
 * transformers.js, and the WASM heap; one table of medians and ratios, made in one run. Quiet machine, please.
 */
import { cpus } from 'node:os'
import build from '../test/support/build.ts'
import { startWorker, type TestWorker } from '../test/support/worker.ts'
import { bareEncoder } from './bare.ts'
import { median, printTable, type Row } from './table.ts'
import { benchTokenizer } from './tokenizer.ts'

const COLD_RUNS = 7
const WARM_RUNS = 40
const PHASES = ['bytes', 'session', 'tokenize', 'encode', 'head', 'decode'] as const

/** "hello" is one token; [CLS] and [SEP] make up the rest. */
const textOf = (tokens: number) => Array(tokens - 2).fill('hello').join(' ')
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

async function warm(worker: TestWorker): Promise<Row[]> {
  const bare = await bareEncoder()
  const rows: Row[] = []
  for (const tokens of [16, 128, 512]) {
    const body = { inputs: textOf(tokens) }
    const ids = idsOf(tokens)
    const ours: Record<string, number>[] = []
    const peer: number[] = []
    for (let i = -10; i < WARM_RUNS; i++) {
      const run = await timedPost(worker, '/v1/tasks/sentiment', body)
      const start = performance.now()
      await bare(ids)
      const elapsed = performance.now() - start
      if (i < 0) continue // warm-up: V8 compiles the hot functions again after some runs
      ours.push(run)
      peer.push(elapsed)
    }
    const sum = (run: Record<string, number>) => PHASES.reduce((total, phase) => total + (run[phase] as number), 0)
    const against = { name: 'bare session.run, Node', value: median(peer) }
    rows.push(
      { what: `warm ${tokens} tokens, in the Worker`, ours: median(ours.map(sum)), unit: 'ms', peer: against },
      { what: `warm ${tokens} tokens, encoder alone`, ours: median(ours.map((run) => run.encode as number)), unit: 'ms', peer: against },
      { what: `warm ${tokens} tokens, HTTP round trip`, ours: median(ours.map((run) => run.wall as number)), unit: 'ms', peer: against },
    )
  }
  return rows
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
const rows = await cold()
const worker = await startWorker()
rows.push(...(await warm(worker)), ...(await heap(worker)))
await worker.stop()
rows.push(...(await benchTokenizer()))
printTable(`edge-bert bench, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`, rows)
