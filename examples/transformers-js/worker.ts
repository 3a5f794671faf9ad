/**
 * transformers.js as it comes from npm, embedding a sentence inside a Worker.
 *
 *   npx node examples/transformers-js/prepare.ts
 *   npx wrangler dev -c examples/transformers-js/wrangler.toml
 *   curl localhost:8787 -d 'A man is playing a guitar.'
 */
import type { FeatureExtractionPipeline } from '@huggingface/transformers'
import { createRuntime, provideRuntime } from 'edge-bert/onnxruntime-workerd'
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'

let embed: FeatureExtractionPipeline | undefined

/**
 * Loaded by the first request and not with the Worker: transformers.js draws a random number while it loads, which
 * workerd allows in a request only. It also looks for a runtime then, so ours is provided before.
 */
async function load(assets: Fetcher): Promise<FeatureExtractionPipeline> {
  provideRuntime(createRuntime(wasm))
  const { env, pipeline } = await import('@huggingface/transformers')
  // The model's files come from this Worker's assets instead of the hub: the one hook that transformers.js asks in
  // every environment is its cache.
  env.allowLocalModels = false
  env.useCustomCache = true
  env.customCache = {
    async match(url) {
      const response = url.startsWith('https:') ? await assets.fetch(url) : undefined
      return response?.ok ? response : undefined
    },
    put: async () => {},
  }
  env.remotePathTemplate = '{model}/'
  return pipeline('feature-extraction', 'all-MiniLM-L6-v2', {
    // It knows no devices of a runtime that it did not bring itself: 'auto' leaves the choice to the runtime.
    device: 'auto',
    dtype: 'q8',
    session_options: {
      externalData: ['embeddings.bin', 'layers.bin'].map((path) => ({ path, data: `onnx/${path}` })),
    },
  })
}

export default {
  async fetch(request, env) {
    embed ??= await load(env.ASSETS)
    const vector = await embed(await request.text(), { pooling: 'mean', normalize: true })
    return Response.json(vector.tolist()[0])
  },
} satisfies ExportedHandler<{ ASSETS: Fetcher }>
