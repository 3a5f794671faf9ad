/** What each API family answers to each kind of error, found by making the errors. */
import type { ErrorKind } from '../../../src/errors.ts'
import { startWorker, type TestWorker } from '../worker.ts'

interface Probe {
  readonly family: string
  readonly path: string
  /** A body with this text. */
  readonly body: (text: unknown) => object
  /** A path to something that is not there. */
  readonly missing: string
}

const PROBES: readonly Probe[] = [
  {
    family: 'Hugging Face',
    path: '/v1/tasks/feature-extraction',
    body: (inputs) => ({ inputs }),
    missing: '/v1/tasks/translation',
  },
  { family: 'OpenAI', path: '/v1/embeddings', body: (input) => ({ input }), missing: '/v1/no-such' },
  { family: 'Cohere', path: '/v2/embed', body: (text) => ({ texts: [text] }), missing: '/v2/no-such' },
  { family: 'TEI', path: '/embed', body: (inputs) => ({ inputs }), missing: '/no-such' },
  { family: 'Infinity', path: '/embeddings', body: (input) => ({ input }), missing: '' },
  {
    family: 'Workers AI',
    path: '/client/v4/accounts/a/ai/run/@cf/baai/bge-small-en-v1.5',
    body: (text) => ({ text }),
    missing: '/client/v4/no-such',
  },
]

type Attempt = (worker: TestWorker, probe: Probe) => Promise<Response>

const send: Attempt = (worker, { path, body }) => worker.post(path, body('hello'))

/** Each kind but a defect of ours: the Worker in which it happens, and how. */
const KINDS: readonly [kind: ErrorKind, options: Parameters<typeof startWorker>[0], attempt: Attempt][] = [
  ['empty', {}, (worker, { path, body }) => worker.post(path, body(''))],
  ['malformed', {}, (worker, { path }) => worker.fetch(path, { method: 'POST', body: '{' })],
  ['validation', {}, (worker, { path, body }) => worker.post(path, body(7))],
  ['too-large', {}, (worker, { path, body }) => worker.post(path, body('x'.repeat(2_000_001)))],
  [
    'not-found',
    {},
    (worker, { path, missing, body }) =>
      missing === '' ? worker.post(path, { ...body('a'), model: 'no-such' }) : worker.post(missing, body('a')),
  ],
  ['unauthorized', { vars: { API_KEY: 'secret' } }, send],
  ['overloaded', { vars: { MAX_CONCURRENT_REQUESTS: 0 } }, send],
  ['model-unavailable', { assets: (path, bytes) => (path.endsWith('layers.000.bin') ? null : bytes) }, send],
]

/** Rows: kinds. Columns: families. */
export async function statusTable(): Promise<string> {
  const rows: string[][] = []
  for (const [kind, options, attempt] of KINDS) {
    const worker = await startWorker(options)
    const statuses = await Promise.all(PROBES.map((probe) => statusOf(worker, probe, attempt)))
    await worker.stop()
    rows.push([`[${kind}](#${kind})`, ...statuses])
  }
  const head = ['kind', ...PROBES.map(({ family }) => family)]
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `\n${lines.join('\n')}\n\n`
}

async function statusOf(worker: TestWorker, probe: Probe, attempt: Attempt): Promise<string> {
  const response = await attempt(worker, probe)
  await response.body?.cancel()
  return `${response.status}`
}
