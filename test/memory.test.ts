/**
 * Memory, as /health reports it. Local workerd enforces no limit, so these numbers are the only guard: an isolate has
 * 128 MB. Limits are the issue's; a raised one needs its reason in the commit.
 */
import { afterEach, expect, test } from 'vitest'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
afterEach(() => worker.stop())

const MB = 1_000_000
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
})

test('short texts on both models keep both loaded', async () => {
  worker = await startWorker()
  for (let i = 0; i < 3; i++) {
    await worker.ask('/v1/tasks/sentiment', { inputs: 'short' })
    await worker.ask('/v1/tasks/feature-extraction', { inputs: 'short' })
  }
  expect((await worker.health()).graphs_created).toBe(5)
})

test('endurance: the heap after request 2,000 is that after request 500', async () => {
  worker = await startWorker()
  const lengths = [1, 5, 17, 40, 3, 90, 9, 128, 30, 2]
  const run = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const length = i % 250 === 249 ? 510 : (lengths[i % lengths.length] as number)
      const path =
        i % 3 === 0 ? '/v1/tasks/feature-extraction' : i % 3 === 1 ? '/v1/tasks/sentiment' : '/v1/tasks/topic'
      await worker.ask(path, { inputs: words(length) })
    }
    return (await worker.health()).wasm_heap_bytes
  }
  const after500 = await run(0, 500)
  expect(await run(500, 2000)).toBe(after500)
}, 300_000)
