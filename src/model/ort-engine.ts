/** The engine on onnxruntime-web: graphs are .onnx files with their weights as external data. */
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import type { Engine, ExternalWeights, Feeds, Graph, Rows } from './engine.ts'
import type { Runtime } from './runtime.ts'

/** Measured: what onnxruntime-web 1.30 uses of its WASM memory (16.8 MB at the start) with no session. */
const BASE_BYTES = 12_000_000

export function createOrtEngine(runtime: Runtime): Engine {
  return {
    get heapBytes() {
      return runtime.heapBytes
    },
    baseBytes: BASE_BYTES,
    reserve: (bytes) => runtime.reserve(bytes),
    async create(graph: Uint8Array, weights: ExternalWeights | null): Promise<Graph> {
      const externalData = weights ? [{ path: weights.location, data: weights.data }] : []
      const session = await runtime.createSession(graph, { externalData, logSeverityLevel: 3 })
      return ortGraph(runtime, session)
    },
  }
}

function ortGraph({ ort }: Runtime, session: InferenceSession): Graph {
  const toTensor = (value: Int32Array | Rows): Tensor =>
    value instanceof Int32Array
      ? new ort.Tensor('int64', BigInt64Array.from(value, BigInt), [1, value.length])
      : new ort.Tensor('float32', value.data, shapeOf(value))

  // A graph over the whole sequence takes [1, sequence, hidden]; a head takes [rows, hidden].
  const batched = new Set(
    session.inputMetadata.flatMap((input) => (input.isTensor && input.shape.length === 3 ? [input.name] : [])),
  )
  const shapeOf = (value: Rows) => [value.rows, value.columns]
  return {
    inputs: session.inputNames,
    async run(feeds: Feeds) {
      const tensors: Record<string, Tensor> = {}
      for (const name of session.inputNames) {
        const value = feeds[name]
        if (!value) throw new Error(`the graph needs an input "${name}"; given: ${Object.keys(feeds).join(', ')}`)
        const tensor = toTensor(value)
        tensors[name] = batched.has(name) ? tensor.reshape([1, ...tensor.dims]) : tensor
      }
      const outputs = await session.run(tensors)
      return Object.fromEntries(session.outputNames.map((name) => [name, toRows(outputs[name] as Tensor)]))
    },
    release: () => session.release(),
  }
}

function toRows(tensor: Tensor): Rows {
  const columns = tensor.dims.at(-1) ?? 1
  const data = tensor.data as Float32Array
  return { data, columns, rows: data.length / columns }
}
