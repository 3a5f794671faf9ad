/** The peer: the same graphs of the packed encoder by bare onnxruntime-web in Node, with nothing of ours around. */
import { readFileSync } from 'node:fs'
import * as ort from 'onnxruntime-web/wasm'

const PACKAGE = 'assets/models/multitask-minilm'

/** A function that runs the encoder over token ids and returns last_hidden_state. */
export async function bareEncoder(): Promise<(ids: readonly number[]) => Promise<Float32Array>> {
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = readFileSync('node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm')
    .buffer as ArrayBuffer
  const create = (stage: string) =>
    ort.InferenceSession.create(readFileSync(`${PACKAGE}/encoder/${stage}.onnx`), {
      externalData: [{ path: `${stage}.bin`, data: readFileSync(`${PACKAGE}/encoder/${stage}.000.bin`) }],
    })
  const embeddings = await create('embeddings')
  const layers = await create('layers')
  return async (ids) => {
    const tensor = (values: readonly number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
    const embedded = await embeddings.run({ input_ids: tensor(ids), token_type_ids: tensor(ids.map(() => 0)) })
    const output = await layers.run({ ...embedded, attention_mask: tensor(ids.map(() => 1)) })
    return output.last_hidden_state?.data as Float32Array
  }
}
