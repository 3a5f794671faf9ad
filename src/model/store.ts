/**
 * The bytes of model packages, wherever they lie. A store asks its sources in order, takes the first that has the
 * file, and gives nothing away that does not have the size and sha256 the manifest says.
 */
import { messageOf, ServiceError } from '../errors.ts'
import { isModelId, type Manifest, manifestSchema, type PackageFile } from './package.ts'
import type { Progress } from './progress.ts'
import { readPieces } from './streams.ts'

export interface ByteSource {
  /** For messages: assets, kv, r2, disk. */
  readonly name: string
  /** The file's bytes, or null when this source does not have it. `path` is `<model id>/<file>`. */
  open(path: string): Promise<ReadableStream<Uint8Array> | null>
}

/** An incremental SHA-256; the platform's own (DigestStream in workerd, node:crypto in Node). */
export interface Digest {
  update(chunk: Uint8Array): Promise<void> | void
  hex(): Promise<string> | string
}

export class ModelStore {
  readonly #sources: readonly ByteSource[]
  readonly #newDigest: () => Digest

  constructor(sources: readonly ByteSource[], newDigest: () => Digest) {
    this.#sources = sources
    this.#newDigest = newDigest
  }

  /**
   * The manifest of a package, or null when no source has one.
   * @throws ServiceError('model-unavailable') when it is there but is not a manifest
   */
  async manifest(id: string): Promise<Manifest | null> {
    if (!isModelId(id)) return null
    const path = `${id}/model.json`
    const found = await this.#open(path)
    if (!found) return null
    const text = await new Response(found.body).text().catch((cause) => {
      throw brokenOff(path, found.source, cause)
    })
    const parsed = manifestSchema.safeParse(parseJson(text))
    if (parsed.success && parsed.data.id === id) return parsed.data
    if (parsed.success) throw unavailable(`${path} in ${found.source} is that of "${parsed.data.id}"`)
    const issue = parsed.error.issues[0]
    throw unavailable(`${path} in ${found.source} is not a manifest: ${issue?.path.join('.')} ${issue?.message}`)
  }

  /**
   * Reads one logical file from shards that follow each other, all in parallel, into one buffer.
   * @throws ServiceError('model-unavailable') that names the file, what was expected and what was found
   */
  async read(id: string, shards: readonly PackageFile[], progress?: Progress): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(shards.reduce((sum, shard) => sum + shard.bytes, 0))
    let offset = 0
    const reads = shards.map((shard) => {
      const target = bytes.subarray(offset, offset + shard.bytes)
      offset += shard.bytes
      return this.#readFile(id, shard, target, progress)
    })
    // None goes on reading once the others have given up.
    await Promise.allSettled(reads)
    await Promise.all(reads)
    return bytes
  }

  async #readFile(id: string, file: PackageFile, target: Uint8Array, progress?: Progress): Promise<void> {
    const path = `${id}/${file.file}`
    const report = (received: number) => progress?.({ model: id, file: file.file, received, total: file.bytes })
    // Said before its first byte is there, so that the sum of all files is known from the start.
    report(0)
    const found = await this.#open(path)
    if (!found) throw unavailable(`${path} is missing: looked in ${this.#sources.map((s) => s.name).join(', ')}`)
    const digest = this.#newDigest()
    let received = 0
    try {
      for await (const chunk of readPieces(found.body, file.bytes)) {
        if (received + chunk.length > file.bytes) throw wrongSize(path, found.source, file.bytes, `over ${file.bytes}`)
        target.set(chunk, received)
        received += chunk.length
        await digest.update(chunk)
        report(received)
      }
    } catch (cause) {
      throw cause instanceof ServiceError ? cause : brokenOff(path, found.source, cause)
    }
    if (received !== file.bytes) throw wrongSize(path, found.source, file.bytes, `${received}`)
    const sha256 = await digest.hex()
    if (sha256 !== file.sha256) {
      throw unavailable(`${path} in ${found.source} is corrupt: expected sha256 ${file.sha256}, found ${sha256}`)
    }
  }

  async #open(path: string): Promise<{ source: string; body: ReadableStream<Uint8Array> } | null> {
    for (const source of this.#sources) {
      const body = await source.open(path).catch((cause: unknown) => {
        throw unavailable(`${path}: ${source.name} failed: ${messageOf(cause)}`, cause)
      })
      if (body) return { source: source.name, body }
    }
    return null
  }
}

export function unavailable(message: string, cause?: unknown): ServiceError {
  return new ServiceError('model-unavailable', `model_unavailable: ${message}`, { cause })
}

function brokenOff(path: string, source: string, cause: unknown): ServiceError {
  return unavailable(`${path} in ${source} broke off: ${messageOf(cause)}`, cause)
}

function wrongSize(path: string, source: string, expected: number, found: string): ServiceError {
  return unavailable(`${path} in ${source} has the wrong size: expected ${expected} bytes, found ${found}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
