/** Packages on a disk, for the command line, benches and tests in Node. Never part of the Worker. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteSource, Digest } from './store.ts'

export function diskSource(folder: string): ByteSource {
  return {
    name: 'disk',
    async open(path) {
      const handle = await open(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      return handle ? (handle.readableWebStream({ autoClose: true }) as unknown as ReadableStream<Uint8Array>) : null
    },
  }
}

export function nodeDigest(): Digest {
  const hash = createHash('sha256')
  return {
    update: (chunk) => {
      hash.update(chunk)
    },
    hex: () => hash.digest('hex'),
  }
}
