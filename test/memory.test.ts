/**
 * Memory, as /health reports it. Local workerd enforces no limit, so these numbers are the only guard: an isolate has
 * 128 MB. Limits are the issue's; a raised one needs its reason in the commit.
 */
import { afterEach, expect, test } from 'vitest'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
afterEach(() => worker.stop())

const MB = 1_000_000
/** The largest graph, fill-mask's head. */
const LARGEST = 12.2 * MB
const words = (count: number) => Array.from({ length: count }, (_, i) => `word${i % 10}`.slice(0, 4)).join(' ')
/** 512 tokens. */
const LONG = words(510)

test('the multi-task model: 45 MB loaded, 75 MB after 512 tokens, 85 MB with the fill-mask head', async () => {
  worker = await startWorker()
  await worker.ask('/v1/tasks/sentiment', { inputs: 'short' })
  expect((await worker.health()).wasm_heap_bytes).toBeLessThanOrEqual(45 * MB)
  await worker.ask('/v1/tasks/sentiment', { inputs: LONG })
  expect((await worker.health()).wasm_heap_bytes).toBeLessThanOrEqual(75 * MB)
  await worker.ask('/v1/tasks/fill-mask', { inputs: `[MASK] ${words(505)}` })
  await worker.ask('/v1/tasks/fill-mask', { inputs: `[MASK] ${words(505)}` })
  expect((await worker.health()).wasm_heap_bytes).toBeLessThanOrEqual(85 * MB)
})

test('both models in turn, long and short, with every head: never above the budget', async () => {
  worker = await startWorker()
  const check = async () => {
    const health = await worker.health()
    expect(health.budget_bytes).toBe(100 * MB)
    expect(health.wasm_heap_bytes + health.js_bytes).toBeLessThanOrEqual(health.budget_bytes)
    expect(health.peak_bytes).toBeLessThanOrEqual(health.budget_bytes)
  }
  // The vocabulary of OpenAI's tokens stays beside the models.
  await worker.ask('/v1/embeddings', { input: [[9906, 1917]] })
  await check()
  for (let round = 0; round < 3; round++) {
    await worker.ask('/v1/tasks/fill-mask', { inputs: `[MASK] ${words(505)}` })
    await check()
    await worker.ask('/v1/tasks/feature-extraction', { inputs: LONG })
    await check()
    for (const head of ['sentiment', 'emotion', 'toxicity', 'topic', 'acceptability', 'token-classification']) {
      await worker.ask(`/v1/tasks/${head}`, { inputs: LONG })
    }
    await check()
    await Promise.all([
      worker.ask('/v1/tasks/feature-extraction', { inputs: [LONG, 'short', LONG] }),
      worker.ask('/v1/tasks/fill-mask', { inputs: ['a [MASK].', `[MASK] ${words(505)}`] }),
      worker.ask('/v1/tasks/sentiment', { inputs: [LONG, LONG] }),
    ])
    await check()
  }
}, 300_000)

test('short texts on both models keep both loaded', async () => {
  worker = await startWorker()
  for (let i = 0; i < 3; i++) {
    await worker.ask('/v1/tasks/sentiment', { inputs: 'short' })
    await worker.ask('/v1/tasks/feature-extraction', { inputs: 'short' })
  }
  expect((await worker.health()).graphs_created).toBe(5)
})

/**
 * Both models, every head, every length, three requests at once: what graphs leave behind when they are released must
 * not add up. The heap may still grow while the mix is new, so it is compared after 500 requests; and it
 * depends on the order of requests in what pieces free memory lies, so that the largest graph may find no place where
 * as much is free. It may take one more (measured: heaps up to 88.9 MB and peaks up to 102.1; an isolate has 128).
 */
test('endurance: nothing fails in 2,000 mixed requests, and the heap stays as it was after 500, but for one graph', async () => {
  worker = await startWorker()
  const random = randomNumbers(7)
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T
  const one = () => {
    const [task, length] = [pick(TASKS), pick(LENGTHS)]
    const inputs = `${task === 'fill-mask' ? '[MASK] ' : ''}${words(length)}`
    return worker.ask(`/v1/tasks/${task}`, { inputs })
  }
  const run = async (requests: number) => {
    for (let i = 0; i < requests; i += 4) await Promise.all([one(), one().then(one), one()])
    return worker.health()
  }
  const after500 = await run(500)
  const after2000 = await run(1500)
  expect(after2000.wasm_heap_bytes).toBeLessThanOrEqual(after500.wasm_heap_bytes + LARGEST)
  expect(after2000.peak_bytes).toBeLessThanOrEqual(after2000.budget_bytes + LARGEST)
}, 600_000)

const TASKS = ['feature-extraction', 'fill-mask', 'sentiment', 'emotion', 'toxicity', 'topic', 'token-classification']
/** Mostly short, some long: 2,000 requests in some minutes. */
const LENGTHS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 1, 2, 3, 5, 8, 13, 21, 34, 90, 200, 505]

/** Park and Miller's minimal standard generator: numbers in (0, 1), the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
