/** What is installed and how the isolate is doing: GET /v1/models and GET /health. */
import { graphBytes, type Manifest, packageBytes } from '../../model/package.ts'
import type { Ports } from '../ports.ts'
import type { Family } from './family.ts'
import { huggingFaceError } from './huggingface.ts'

export const status: Family = {
  owns: (path) => /^\/(health|v1\/models)(\/|$)/.test(path),
  error: huggingFaceError,

  mount(app, ports) {
    app.get('/v1/models', async (c) => {
      const manifests = await Promise.all(ports.models.map((id) => ports.library.manifest(id)))
      return c.json({ object: 'list', data: manifests.flatMap((manifest) => (manifest ? [describe(manifest)] : [])) })
    })
    app.get('/health', (c) => c.json(health(ports)))
  },
}

function describe(manifest: Manifest) {
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

function health({ library, models }: Ports) {
  const { pool } = library
  const graphs = pool.loaded()
  return {
    status: 'ok',
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
