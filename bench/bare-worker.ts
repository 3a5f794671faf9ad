/**
 * The peer in workerd: a Worker that does nothing but `session.run` of the packed encoder's graphs. workerd compiles
 * WebAssembly with explicit bounds checks where Node uses guard pages, so only this peer shows what our own code adds.
 */

import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import { type InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { createRuntime } from '../src/model/runtime.ts'

const runtime = createRuntime(wasm)
let sessions: readonly [InferenceSession, InferenceSession] | undefined

async function load(env: Env): Promise<readonly [InferenceSession, InferenceSession]> {
  const read = async (file: string) => {
    const response = await env.ASSETS.fetch(`https://assets.invalid/models/multitask-minilm/encoder/${file}`)
    return new Uint8Array(await response.arrayBuffer())
  }
  const create = async (stage: string) =>
    runtime.createSession(await read(`${stage}.onnx`), {
      externalData: [{ path: `${stage}.bin`, data: await read(`${stage}.000.bin`) }],
    })
  return [await create('embeddings'), await create('layers')]
}

export default {
  /** Body: `{ids, runs}`. Answer: `{milliseconds}` of one run on average (the clock counts whole milliseconds). */
  async fetch(request, env) {
    const { ids, runs } = await request.json<{ ids: number[]; runs: number }>()
    sessions ??= await load(env)
    const [embeddings, layers] = sessions
    const tensor = (values: number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
    const start = performance.now()
    for (let i = 0; i < runs; i++) {
      const embedded = await embeddings.run({ input_ids: tensor(ids), token_type_ids: tensor(ids.map(() => 0)) })
      await layers.run({ ...embedded, attention_mask: tensor(ids.map(() => 1)) })
    }
    return Response.json({ milliseconds: (performance.now() - start) / runs })
  },
} satisfies ExportedHandler<Env>
