/** Where a store's bytes may lie on Cloudflare, by the few methods it needs of each. */
import type { ByteSource } from './store.ts'

type Body = ReadableStream<Uint8Array>

/** Static assets: one file each, at most 25 MiB. */
export function assetSource(assets: {
  fetch(url: string): Promise<{ status: number; body: Body | null }>
}): ByteSource {
  return {
    name: 'assets',
    async open(path) {
      const response = await assets.fetch(`https://assets.invalid/models/${path}`)
      if (response.status === 200) return response.body
      await response.body?.cancel()
      if (response.status === 404) return null
      throw new Error(`status ${response.status}`)
    },
  }
}

/** A KV namespace: keys `models/<path>`, values of at most 25 MiB. */
export function kvSource(namespace: { get(key: string, type: 'stream'): Promise<Body | null> }): ByteSource {
  return { name: 'kv', open: (path) => namespace.get(`models/${path}`, 'stream') }
}

/** An R2 bucket: keys `models/<path>`. */
export function r2Source(bucket: { get(key: string): Promise<{ body: Body } | null> }): ByteSource {
  return { name: 'r2', open: async (path) => (await bucket.get(`models/${path}`))?.body ?? null }
}
