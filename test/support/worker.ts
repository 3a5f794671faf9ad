/**
 * The built Worker in workerd, as Miniflare runs it for `wrangler dev`: the real bundle, models and bindings.
 * Faults are put into what is not ours: the assets it reads and the KV namespace.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  convertV4MiniflareOptions,
  Miniflare,
  type MiniflareOptions,
  Response as MiniflareResponse,
  type V4MiniflareOptions,
  type V4ModuleDefinition,
} from 'miniflare'
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler'
import { BUILD } from './build.ts'

export interface WorkerOptions {
  /** Values over those in wrangler.toml. */
  readonly vars?: Record<string, unknown>
  /** Stands between the Worker and its assets: gets the file's path and bytes (null: no such file), gives bytes. */
  readonly assets?: (path: string, bytes: Uint8Array | null) => Uint8Array | null | Promise<Uint8Array | null>
  /** Binds a KV namespace MODEL_KV and an R2 bucket MODEL_BUCKET for models. */
  readonly modelStores?: boolean
  /** Another Worker's build (test/support/build.ts). */
  readonly build?: string
  /** A KV namespace whose every method throws. */
  readonly brokenKv?: boolean
  /** No KV namespace is bound. */
  readonly noKv?: boolean
  /** The wrangler configuration whose bindings the Worker gets. */
  readonly config?: string
  /** Workers beside it, bound to it as BERT: name → source of an ES module. */
  readonly extraWorkers?: Readonly<Record<string, string>>
}

export interface TestWorker {
  readonly url: URL
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** POSTs JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** POSTs JSON and gives the body of a 200; throws with the body of anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  ask(path: string, body: unknown): Promise<any>
  health(): Promise<Health>
  /** The Worker's KV namespaces and its R2 bucket, as wrangler would bind them. */
  kv(binding: 'VOCAB' | 'MODEL_KV'): Promise<Bucket & { list(): Promise<{ keys: { name: string }[] }> }>
  r2(): Promise<Bucket>
  /** Fetches from one of the extra Workers. */
  fetchExtra(name: string, path: string, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

interface Bucket {
  put(key: string, value: Uint8Array | string): Promise<unknown>
  get(key: string, type: 'text'): Promise<string | null>
  delete(key: string): Promise<void>
}

export interface Health {
  wasm_heap_bytes: number
  js_bytes: number
  peak_bytes: number
  budget_bytes: number
  graphs_created: number
  models: { id: string; loaded: string[]; bytes: number }[]
}

const BROKEN_KV = `
import { WorkerEntrypoint } from 'cloudflare:workers'
export default class extends WorkerEntrypoint {
  async get() { throw new Error('KV is down') }
  async put() { throw new Error('KV is down') }
}`

export async function startWorker(options: WorkerOptions = {}): Promise<TestWorker> {
  const miniflare = new Miniflare(configure(options))
  const url = await miniflare.ready
  const fetchPath: TestWorker['fetch'] = (path, init) => fetch(new URL(path, url), init)
  const post: TestWorker['post'] = (path, body, headers = {}) =>
    fetchPath(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return {
    url,
    fetch: fetchPath,
    post,
    async ask(path, body) {
      const response = await post(path, body)
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return response.json()
    },
    async health() {
      return (await fetchPath('/health')).json() as Promise<Health>
    },
    kv: async (binding) => (await miniflare.getKVNamespace(binding, 'edge-bert')) as never,
    r2: async () => (await miniflare.getR2Bucket('MODEL_BUCKET', 'edge-bert')) as never,
    async fetchExtra(name, path, init) {
      const extra = await miniflare.getWorker(name)
      return extra.fetch(new URL(path, url), init as never) as unknown as Promise<Response>
    },
    stop: () => miniflare.dispose(),
  }
}

function configure(given: WorkerOptions): MiniflareOptions {
  const {
    vars,
    assets,
    brokenKv,
    noKv,
    modelStores,
    build = BUILD,
    config = 'wrangler.toml',
    extraWorkers = {},
  } = given
  const { workerOptions } = workerOptionsOf(config)
  const { bindings, kvNamespaces, assets: assetOptions, ...rest } = workerOptions
  const workers: object[] = [
    {
      ...rest,
      name: 'edge-bert',
      rootPath: undefined,
      modules: bundle(build),
      bindings: { ...(bindings as object), ...vars },
      kvNamespaces: {
        ...(brokenKv || noKv ? {} : (kvNamespaces as object)),
        ...(modelStores ? { MODEL_KV: 'models' } : {}),
      },
      r2Buckets: modelStores ? { MODEL_BUCKET: 'models' } : {},
      assets: assets ? undefined : assetOptions,
      serviceBindings: {
        ...(assets ? { ASSETS: assetService(assets) } : {}),
        ...(brokenKv ? { VOCAB: 'broken-kv' } : {}),
      },
    },
  ]
  if (brokenKv) {
    workers.push({
      name: 'broken-kv',
      compatibilityDate: rest.compatibilityDate,
      modules: [{ type: 'ESModule', path: 'broken-kv.mjs', contents: BROKEN_KV }],
    })
  }
  for (const [name, contents] of Object.entries(extraWorkers)) {
    workers.push({
      name,
      compatibilityDate: rest.compatibilityDate,
      modules: [{ type: 'ESModule', path: `${name}.mjs`, contents }],
      serviceBindings: { BERT: { name: 'edge-bert', entrypoint: 'EdgeBert' } },
    })
  }
  const options = { host: '127.0.0.1', port: 0, workers } as unknown as V4MiniflareOptions
  return convertV4MiniflareOptions(options)
}

/** What the build wrote, entry first. */
function bundle(build: string): V4ModuleDefinition[] {
  const files = readdirSync(build).filter((name) => /\.(js|wasm)$/.test(name))
  return files
    .sort((a, b) => Number(b.endsWith('.js')) - Number(a.endsWith('.js')))
    .map((name) => {
      const path = resolve(build, name)
      return name.endsWith('.wasm') ? { type: 'CompiledWasm', path } : { type: 'ESModule', path }
    })
}

/** Of files that a browser reads. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

function assetService(change: NonNullable<WorkerOptions['assets']>) {
  return async (request: { url: string }) => {
    const path = new URL(request.url).pathname
    const bytes = await change(path, readOrNull(`assets${path}`))
    const type = TYPES[path.slice(path.lastIndexOf('.'))]
    const headers: Record<string, string> = type ? { 'content-type': type } : {}
    return new MiniflareResponse(bytes as never, { status: bytes ? 200 : 404, headers })
  }
}

function readOrNull(path: string): Uint8Array | null {
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    return null
  }
}
