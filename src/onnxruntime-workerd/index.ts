/**
 * onnxruntime-web in Cloudflare Workers, without a patched bundle. See src/model/runtime.ts for how.
 *
 * ```ts
 * import { createRuntime } from 'edge-bert/onnxruntime-workerd'
 * import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm' // compiled on upload, by wrangler's CompiledWasm rule
 *
 * const runtime = createRuntime(wasm)
 * const session = await runtime.createSession(onnxBytes, {}) // inside a request
 * const { logits } = await session.run({ input_ids: new runtime.ort.Tensor('int64', ids, [1, ids.length]) })
 * ```
 *
 * Limits: the CPU backend with one thread; onnxruntime-web is a peer (made and tested with 1.30). Sessions must be
 * created inside a request, one runtime per isolate.
 */
import type { Runtime } from '../model/runtime.ts'

export { createRuntime, type Runtime } from '../model/runtime.ts'

/**
 * Makes the runtime what libraries find under `globalThis[Symbol.for('onnxruntime')]` (transformers.js looks there
 * while it is loaded, so call this in a module that is imported before it). See examples/transformers-js.
 */
export function provideRuntime({ ort, createSession }: Runtime): void {
  const provided = { ...ort, InferenceSession: { create: createSession } }
  Object.defineProperty(globalThis, Symbol.for('onnxruntime'), { value: provided, configurable: true })
}
