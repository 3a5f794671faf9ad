/** Sentence vectors of the int8 model in workerd against the float reference (test/golden/embeddings.py). */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cosine } from '../src/tasks/math.ts'
import { startWorker, type TestWorker } from './support/worker.ts'

interface Golden {
  sentences: string[]
  dimensions: number
  /** Float32, little endian, [sentences, dimensions]. */
  vectors: string
}

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

test('cosine to the float reference: mean ≥ 0.99, each ≥ 0.97', async () => {
  const golden = JSON.parse(readFileSync('test/golden/embeddings.json', 'utf8')) as Golden
  const floats = new Float32Array(new Uint8Array(Buffer.from(golden.vectors, 'base64')).buffer)
  const vectors: number[][] = await worker.ask('/v1/tasks/feature-extraction', { inputs: golden.sentences })
  expect(golden.sentences).toHaveLength(50)
  const cosines = vectors.map((vector, i) =>
    cosine(vector, floats.subarray(i * golden.dimensions, (i + 1) * golden.dimensions)),
  )
  expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.97)
  expect(cosines.reduce((a, b) => a + b) / cosines.length).toBeGreaterThanOrEqual(0.99)
})
