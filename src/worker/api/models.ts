/** What is installed and what an isolate holds, for every family that tells. */
import { z } from 'zod'
import { graphBytes, type Manifest, packageBytes } from '../../model/package.ts'
import type { Ports } from '../ports.ts'

export const modelSchema = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  license: z.string(),
  aliases: z.array(z.string()),
  max_length: z.int(),
  bytes: z.int(),
  heads: z.record(z.string(), z.looseObject({ task: z.string(), labels: z.array(z.string()).optional() })),
})

export async function listModels(ports: Ports) {
  return { object: 'list', data: (await manifests(ports)).map(describeModel) }
}

export async function manifests({ library, models }: Ports): Promise<Manifest[]> {
  const found = await Promise.all(models.map((id) => library.manifest(id)))
  return found.filter((manifest) => manifest !== null)
}

export function describeModel(manifest: Manifest) {
  const { id, description, language, license, provenance, metrics, aliases, pooling } = manifest
  const heads = Object.entries(manifest.heads).map(([name, head]) => [
    name,
    { task: head.task, ...(head.labels ? { labels: head.labels } : {}), pair: head.pair, bytes: graphBytes(head) },
  ])
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'edge-bert',
    description,
    language,
    license,
    provenance,
    metrics,
    aliases,
    pooling,
    hidden_size: manifest.hidden_size,
    max_length: manifest.max_length,
    default_task: manifest.default_task,
    bytes: packageBytes(manifest),
    quantization: manifest.encoder.quantization,
    heads: Object.fromEntries(heads),
  }
}

export function describeHealth({ library, models }: Ports) {
  const { pool } = library
  const graphs = pool.loaded()
  return {
    status: 'ok',
    unix: Date.now() / 1000,
    wasm_heap_bytes: pool.heapBytes,
    js_bytes: pool.jsBytes,
    peak_bytes: pool.peakBytes,
    budget_bytes: pool.budget,
    graphs_created: pool.created,
    models: models.map((id) => {
      const own = graphs.filter(({ key }) => key.startsWith(`${id}/`))
      return {
        id,
        loaded: own.map(({ key }) => key.slice(id.length + 1)),
        bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      }
    }),
  }
}
