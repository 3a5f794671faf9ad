/** The example, run: transformers.js in workerd gives the vectors that our own Worker gives for the same weights. */
import { readFileSync } from 'node:fs'
import { AutoTokenizer, env } from '@huggingface/transformers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorker } from '../../test/support/build.ts'
import { startWorker, type TestWorker } from '../../test/support/worker.ts'
import { prepare } from './prepare.ts'

const FOLDER = 'examples/transformers-js'

let example: TestWorker
let ours: TestWorker
beforeAll(async () => {
  prepare()
  buildWorker(`${FOLDER}/worker.ts`, 'dist/transformers-js', `${FOLDER}/wrangler.toml`)
  const start = [startWorker({ build: 'dist/transformers-js', config: `${FOLDER}/wrangler.toml` }), startWorker()]
  ;[example, ours] = (await Promise.all(start)) as [TestWorker, TestWorker]
})
afterAll(() => Promise.all([example.stop(), ours.stop()]))

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

test('the installed transformers.js is the published one', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  expect(lock.packages['node_modules/@huggingface/transformers'].integrity).toMatch(/^sha512-/)
  const bundle = readFileSync('dist/transformers-js/worker.js', 'utf8')
  expect(bundle).toContain('node_modules/@huggingface/transformers/dist/transformers.web.js')
})

test.each([
  'A man is playing a guitar on the street.',
  'Ünïcode, UPPER case and “quotes” — with 東京 in it.',
  'word '.repeat(300),
])('embeds %s', async (sentence) => {
  const response = await example.fetch('/', { method: 'POST', body: sentence })
  expect(response.status, await response.clone().text()).toBe(200)
  const vector = (await response.json()) as number[]
  expect(vector).toHaveLength(384)
  expect(dot(vector, vector)).toBeCloseTo(1, 5)
  const [own] = await ours.ask('/v1/tasks/feature-extraction', { inputs: [sentence] })
  expect(dot(vector, own)).toBeGreaterThan(0.999)
})

test('the tokenizer that prepare.ts writes gives the ids that /tokenize gives', async () => {
  Object.assign(env, { allowRemoteModels: false, localModelPath: `${FOLDER}/assets/` })
  const tokenizer = await AutoTokenizer.from_pretrained('all-MiniLM-L6-v2')
  for (const text of ["He didn't re-enter; naïve café, 1,234.5 €!", '東京 is 東 + 京', 'unaffordable [MASK]']) {
    const [tokens] = (await ours.ask('/tokenize', { inputs: text })) as { id: number }[][]
    expect(tokenizer.encode(text)).toEqual(tokens?.map(({ id }) => id))
  }
})
