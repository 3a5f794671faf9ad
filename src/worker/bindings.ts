/** From Cloudflare's bindings to the app's ports. The only file that knows both. */
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import { ModelLibrary, type VocabCache } from '../model/library.ts'
import { createOrtEngine } from '../model/ort-engine.ts'
import { createRuntime } from '../model/runtime.ts'
import { SessionPool } from '../model/session-pool.ts'
import { assetSource, kvSource, r2Source } from '../model/sources.ts'
import { type Digest, ModelStore } from '../model/store.ts'
import { InFlight } from './in-flight.ts'
import type { Ports } from './ports.ts'

/** Where a deployment may keep models of its own; neither has to be bound. */
interface ModelBindings {
  readonly MODEL_KV?: KVNamespace
  readonly MODEL_BUCKET?: R2Bucket
}

/** `wrangler secret put API_KEY`; a secret is in no configuration file, so wrangler types knows nothing of it. */
interface Secrets {
  readonly API_KEY?: string
}

const LIMITS = ['MEMORY_BUDGET', 'MAX_BATCH_TOKENS', 'MAX_WINDOWED_TOKENS', 'MAX_CONCURRENT_REQUESTS'] as const

/** @throws Error for a limit that is not set: every comparison with it would be false, and answers empty */
export function createPorts(env: Env & ModelBindings & Secrets): Ports {
  for (const name of LIMITS) {
    if (!Number.isFinite(env[name])) throw new Error(`${name} is ${env[name]}: set it in [vars] of wrangler.toml`)
  }
  const sources = [
    assetSource(env.ASSETS),
    ...(env.MODEL_KV ? [kvSource(env.MODEL_KV)] : []),
    ...(env.MODEL_BUCKET ? [r2Source(env.MODEL_BUCKET)] : []),
  ]
  const runtime = createRuntime(wasm, SessionPool.heapLimit(env.MEMORY_BUDGET))
  const store = new ModelStore(sources, streamDigest)
  const pool = new SessionPool(createOrtEngine(runtime), env.MEMORY_BUDGET)
  return {
    library: new ModelLibrary({ store, pool, vocabCache: kvVocabCache(env.VOCAB) }),
    models: env.MODELS,
    defaults: { multitask: env.DEFAULT_MODEL, embedding: env.EMBEDDING_MODEL },
    aliases: env.MODEL_ALIASES,
    tokens: { batch: env.MAX_BATCH_TOKENS, windowed: env.MAX_WINDOWED_TOKENS },
    maxInputs: 2_048,
    maxBodyBytes: 2_000_000,
    inFlight: new InFlight({ requests: env.MAX_CONCURRENT_REQUESTS, bytes: 8_000_000 }),
    apiKey: env.API_KEY || null,
    asset: (path) => readAsset(env.ASSETS, path),
    pageFile: (name, headers) => env.ASSETS.fetch(new URL(`/page/${name}`, 'http://assets/'), { headers }),
  }
}

async function readAsset(assets: Fetcher, path: string): Promise<string | null> {
  const response = await assets.fetch(new URL(path, 'http://assets/'))
  return response.ok ? response.text() : null
}

function kvVocabCache(namespace: KVNamespace): VocabCache {
  return {
    async get(key) {
      const bytes = await namespace.get(key, 'arrayBuffer')
      return bytes && new Uint8Array(bytes)
    },
    async put(key, bytes) {
      await namespace.put(key, bytes)
    },
  }
}

function streamDigest(): Digest {
  const stream = new crypto.DigestStream('SHA-256')
  const writer = stream.getWriter()
  return {
    update: (chunk) => writer.write(chunk),
    async hex() {
      await writer.close()
      return toHex(await stream.digest)
    },
  }
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
