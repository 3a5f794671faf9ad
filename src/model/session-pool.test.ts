import { expect, test } from 'vitest'
import { Usage } from '../usage.ts'
import type { Engine, Graph } from './engine.ts'
import { type GraphSource, SessionPool } from './session-pool.ts'

const MB = 1_000_000

/** An engine whose heap grows to the most its graphs ever took, as WASM memory does. */
function testEngine() {
  const live = new Map<Graph, number>()
  let heap = 0
  const resident = () => [...live.values()].reduce((a, b) => a + b, 0)
  const engine: Engine = {
    get heapBytes() {
      return heap
    },
    baseBytes: 16 * MB,
    reserve(bytes) {
      heap = Math.max(heap, bytes)
    },
    async create(graph) {
      const created: Graph = {
        inputs: [],
        run: async () => ({}),
        release: async () => {
          live.delete(created)
        },
      }
      live.set(created, graph.length)
      heap = Math.max(heap, 16 * MB + resident())
      return created
    },
  }
  return { engine, live }
}

function source(key: string, megabytes: number, fetch?: GraphSource['fetch']): GraphSource & { fetches: number } {
  const self = {
    key,
    bytes: megabytes * MB,
    fetches: 0,
    async fetch(alive: () => void) {
      self.fetches++
      if (fetch) return fetch(alive)
      return { graph: new Uint8Array(megabytes * MB), weights: null }
    },
  }
  return self
}

const keepAlive = (work: Promise<unknown>) => void work
const lease = (pool: SessionPool, sources: GraphSource[], scratch = 0) =>
  pool.lease(sources, scratch, new Usage(), keepAlive)
const keys = (pool: SessionPool) => pool.loaded().map(({ key }) => key)

test('loads once for leases that come together, and holds no bytes afterwards', async () => {
  const pool = new SessionPool(testEngine().engine, 100 * MB)
  const a = source('a', 10)
  const once = () => lease(pool, [a]).then((granted) => granted.release())
  await Promise.all([once(), once(), once()])
  expect(a.fetches).toBe(1)
  expect(pool.created).toBe(1)
  expect(pool.jsBytes).toBe(0)
})

test('releases what was used longest ago, and what lies above it', async () => {
  const { engine, live } = testEngine()
  const pool = new SessionPool(engine, 70 * MB) // (70 − 12.5 staged − 3 held) / 1.05 − 16 base leaves 35.9 for graphs
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => source(key, 10)) as [never, never, never, never]
  for (const graph of [a, b, c]) (await lease(pool, [graph])).release()
  ;(await lease(pool, [a])).release()
  ;(await lease(pool, [d])).release()
  expect(keys(pool)).toEqual(['a', 'd'])
  expect(live.size).toBe(2)
  expect(pool.peakBytes).toBeLessThanOrEqual(70 * MB)
})

test('half a graph more is kept free for it, where others can go', async () => {
  const pool = new SessionPool(testEngine().engine, 62 * MB) // leaves 28.2 for graphs
  const [a, b] = [source('a', 12), source('b', 13)]
  ;(await lease(pool, [a])).release()
  ;(await lease(pool, [b])).release()
  expect(keys(pool)).toEqual(['b'])
  const small = new SessionPool(testEngine().engine, 46 * MB) // leaves 13
  ;(await lease(small, [a])).release()
  expect(keys(small)).toEqual(['a'])
})

test('what is wanted and lies above what must go is loaded again', async () => {
  const { engine } = testEngine()
  const pool = new SessionPool(engine, 60 * MB)
  const [a, b] = [source('a', 10), source('b', 10)]
  ;(await lease(pool, [a])).release()
  ;(await lease(pool, [b])).release()
  ;(await lease(pool, [b], 15 * MB)).release()
  expect(keys(pool)).toEqual(['b'])
  expect(b.fetches).toBe(2)
})

test('one runs at a time, and nothing is released while it does', async () => {
  const { engine, live } = testEngine()
  const pool = new SessionPool(engine, 60 * MB)
  const [a, b] = [source('a', 20), source('b', 20)]
  const first = await lease(pool, [a])
  const second = lease(pool, [b])
  const third = lease(pool, [a])
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect([...live.keys()]).toEqual([first.graph('a')])
  first.release()
  await Promise.all([second, third].map(async (next) => (await next).release()))
  expect(live.size).toBe(1)
})

test('the passes of a long batch let a request load that came before them', async () => {
  const pool = new SessionPool(testEngine().engine, 62 * MB)
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return { graph: new Uint8Array(5 * MB), weights: null }
  }
  const others = [source('b', 5, slow), source('c', 5, slow), source('d', 5, slow)]
  const batch = source('a', 10)
  ;(await lease(pool, [batch], 15 * MB)).release()
  let isDone = false
  const request = lease(pool, others).then((granted) => {
    isDone = true
    granted.release()
  })
  let passes = 0
  for (; passes < 100 && !isDone; passes++) {
    const granted = await lease(pool, [batch], 15 * MB)
    await new Promise((resolve) => setTimeout(resolve, 5))
    granted.release()
  }
  await request
  expect(passes).toBeLessThan(10)
  expect(others.map(({ fetches }) => fetches)).toEqual([1, 1, 1])
})

test('scratch for a run makes idle graphs go', async () => {
  const pool = new SessionPool(testEngine().engine, 60 * MB)
  ;(await lease(pool, [source('a', 10)])).release()
  ;(await lease(pool, [source('b', 10)], 20 * MB)).release()
  expect(keys(pool)).toEqual(['b'])
})

test('a failed load leaves nothing behind and the next one recovers', async () => {
  const pool = new SessionPool(testEngine().engine, 100 * MB)
  let broken = true
  const flaky = source('flaky', 5, async () => {
    if (broken) throw new Error('no bytes')
    return { graph: new Uint8Array(5 * MB), weights: null }
  })
  await expect(lease(pool, [source('a', 5), flaky])).rejects.toThrow('no bytes')
  expect(keys(pool)).toEqual([])
  expect(pool.jsBytes).toBe(0)
  broken = false
  ;(await lease(pool, [flaky])).release()
  expect(keys(pool)).toEqual(['flaky'])
})

test('a graph that can never fit is refused with both numbers', async () => {
  const pool = new SessionPool(testEngine().engine, 60 * MB)
  await expect(lease(pool, [source('huge', 40)])).rejects.toThrow(
    'model_unavailable: 40000000 bytes more do not fit into 42380952 bytes of WASM memory',
  )
})

test('bytes that stay in JavaScript count', () => {
  const pool = new SessionPool(testEngine().engine, 60 * MB)
  pool.hold(2 * MB)
  expect(pool.jsBytes).toBe(2 * MB)
  expect(pool.peakBytes).toBe(2 * MB)
})
