/** What is installed and what an isolate holds, for every family that tells. */
import { z } from 'zod'
import { version } from '../../../package.json'
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

/** text-embeddings-inference's GET /info. */
export const endpointSchema = z.object({
  model_id: z.string(),
  model_sha: z.string().nullable(),
  model_dtype: z.string(),
  served_model_name: z.string(),
  model_type: z.union([
    z.object({ embedding: z.object({ pooling: z.string() }) }),
    z.object({
      classifier: z.object({ id2label: z.record(z.string(), z.string()), label2id: z.record(z.string(), z.int()) }),
    }),
  ]),
  max_concurrent_requests: z.int(),
  max_input_length: z.int(),
  max_batch_tokens: z.int(),
  max_batch_requests: z.int().nullable(),
  max_client_batch_size: z.int(),
  auto_truncate: z.boolean(),
  tokenization_workers: z.int(),
  version: z.string(),
  sha: z.string().nullable(),
  docker_label: z.string().nullable(),
})

export const healthSchema = z.looseObject({
  status: z.literal('ok'),
  unix: z.number(),
  wasm_heap_bytes: z.int(),
  js_bytes: z.int(),
  peak_bytes: z.int(),
  budget_bytes: z.int(),
  graphs_created: z.int(),
  models: z.array(z.object({ id: z.string(), loaded: z.array(z.string()), bytes: z.int() })),
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

/** @param task where a task has a URL of its own; one of a head with labels is a classifier */
export function describeEndpoint(ports: Ports, manifest: Manifest, task?: string): z.infer<typeof endpointSchema> {
  const heads = Object.entries(manifest.heads)
  const labels = heads.find(([name, head]) => name === task || head.task === task)?.[1].labels
  return {
    model_id: manifest.id,
    model_sha: null,
    // The first word names the type, the rest says how.
    model_dtype: manifest.encoder.quantization.split(' ')[0] as string,
    served_model_name: manifest.id,
    model_type: labels ? { classifier: labelMaps(labels) } : { embedding: { pooling: manifest.pooling } },
    max_concurrent_requests: ports.inFlight.limits.requests,
    max_input_length: manifest.max_length,
    max_batch_tokens: ports.tokens.batch,
    max_batch_requests: null,
    max_client_batch_size: ports.maxInputs,
    auto_truncate: true,
    tokenization_workers: 1,
    version,
    sha: null,
    docker_label: null,
  }
}

function labelMaps(labels: readonly string[]) {
  return {
    id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  }
}
