/**
 * onnxruntime-web inside workerd.
 *
 * workerd refuses to compile WebAssembly while a request runs, and onnxruntime-web always compiles: it calls
 * `WebAssembly.instantiate(bytes, imports)`. A `.wasm` file that is imported statically arrives compiled, as a
 * `WebAssembly.Module`. So while the runtime initialises (inside the first session's creation), the call that carries
 * our placeholder bytes is answered with an instance of that module; every other call passes through, and the global
 * is put back as soon as the call was answered. No bundle is patched. This file can go when onnxruntime-web takes a
 * compiled module (microsoft/onnxruntime has open wishes for `env.wasm.wasmModule`).
 *
 * The runtime's memory grows and never shrinks, and Emscripten grows it by a fifth at a time: it asks for that much,
 * then for a tenth, then for a twentieth or the need, whichever is more. A growth over `heapLimit` is refused twice, so
 * that only the last can pass it. That one is granted: measured, an allocation that fails inside a run loses what the run had
 * allocated so far (13 MB at 512 tokens), and no later run finds room. To stay below is the session pool's duty.
 */
import * as ort from 'onnxruntime-web/wasm'

const PAGE_BYTES = 65_536

/** Stands for the bytes of the WASM file, which workerd would not compile anyway. */
const PLACEHOLDER = new ArrayBuffer(8)

export interface Runtime {
  readonly ort: typeof ort
  /** Bytes of WASM memory now; 0 before the first session. */
  readonly heapBytes: number
  /** Grows the WASM memory to `bytes`, where it exists and is smaller. */
  reserve(bytes: number): void
  /** As `ort.InferenceSession.create`, in an isolate that may not compile WebAssembly. */
  createSession(graph: Uint8Array, options: ort.InferenceSession.SessionOptions): Promise<ort.InferenceSession>
}

/**
 * @param module the package's `ort-wasm-simd-threaded.wasm`, imported as a compiled module
 * @param heapLimit bytes over which the WASM memory grows by a twentieth or the need only
 */
export function createRuntime(module: WebAssembly.Module, heapLimit = Number.POSITIVE_INFINITY): Runtime {
  let memory: WebAssembly.Memory | undefined

  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = PLACEHOLDER

  async function createSession(graph: Uint8Array, options: ort.InferenceSession.SessionOptions) {
    if (memory) return ort.InferenceSession.create(graph, options)
    const restore = answerInstantiate(module, (instantiated) => {
      memory = instantiated
      limitGrowth(instantiated, heapLimit)
    })
    try {
      return await ort.InferenceSession.create(graph, options)
    } finally {
      restore()
    }
  }

  return {
    ort,
    get heapBytes() {
      return memory?.buffer.byteLength ?? 0
    },
    reserve(bytes) {
      const missing = memory ? Math.floor((bytes - memory.buffer.byteLength) / PAGE_BYTES) : 0
      if (missing > 0) memory?.grow(missing)
    },
    createSession,
  }
}

/** Answers the next `WebAssembly.instantiate` of the placeholder with an instance of `module`. */
function answerInstantiate(module: WebAssembly.Module, onMemory: (memory: WebAssembly.Memory) => void): () => void {
  const original = WebAssembly.instantiate
  const restore = () => {
    WebAssembly.instantiate = original
  }
  const answer = async (source: unknown, imports: WebAssembly.Imports) => {
    if (!isPlaceholder(source)) return original(source as WebAssembly.Module, imports)
    restore()
    const instance = new WebAssembly.Instance(module, imports)
    onMemory(findMemory(instance, imports))
    return { instance, module }
  }
  WebAssembly.instantiate = answer as typeof WebAssembly.instantiate
  return restore
}

function isPlaceholder(source: unknown): boolean {
  return source === PLACEHOLDER || (ArrayBuffer.isView(source) && source.buffer === PLACEHOLDER)
}

/** The threaded build imports its memory, the single-threaded one exports it; names are minified. */
function findMemory(instance: WebAssembly.Instance, imports: WebAssembly.Imports): WebAssembly.Memory {
  const candidates = [...Object.values(instance.exports), ...Object.values(imports).flatMap((m) => Object.values(m))]
  const memory = candidates.find((value) => value instanceof WebAssembly.Memory)
  if (!memory) throw new Error('onnxruntime-web: the WASM instance has no memory among its imports and exports')
  return memory
}

function limitGrowth(memory: WebAssembly.Memory, limit: number): void {
  const grow = memory.grow.bind(memory)
  let refused = 0
  memory.grow = (pages: number) => {
    const wanted = memory.buffer.byteLength + pages * PAGE_BYTES
    if (wanted > limit && refused < 2) {
      refused++
      throw new RangeError(`WASM memory of ${wanted} bytes is over the limit of ${limit}`)
    }
    refused = 0
    return grow(pages)
  }
}
