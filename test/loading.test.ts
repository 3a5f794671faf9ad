/** Loading: once, under faults of the stores, and with a vocabulary cache that may fail. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker, type WorkerOptions } from './support/worker.ts'

let worker: TestWorker
afterEach(() => worker.stop())

async function start(options: WorkerOptions = {}) {
  worker = await startWorker(options)
  return worker
}

const ask = () => worker.post('/v1/tasks/sentiment', { inputs: 'What a lovely day!' })

describe('a cold isolate', () => {
  test('concurrent requests load once; a second request loads nothing', async () => {
    const fetched: string[] = []
    await start({
      assets: (path, bytes) => {
        fetched.push(path)
        return bytes
      },
    })
    const responses = await Promise.all(Array.from({ length: 8 }, ask))
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200))
    const weights = fetched.filter((path) => path.endsWith('.bin'))
    expect(weights.length).toBe(new Set(weights).size)
    expect(weights).toHaveLength(2)
    expect(fetched.filter((path) => path.endsWith('vocab.txt'))).toHaveLength(1)
    expect((await worker.health()).graphs_created).toBe(3)

    const before = fetched.length
    await ask()
    expect(fetched.length).toBe(before)
    expect((await worker.health()).graphs_created).toBe(3)
  })

  test('a client that goes away while the model loads does not break the load', async () => {
    await start({
      assets: async (path, bytes) => {
        if (path.endsWith('.bin')) await new Promise((resolve) => setTimeout(resolve, 300))
        return bytes
      },
    })
    const abort = new AbortController()
    const gone = worker.fetch('/v1/tasks/sentiment', {
      method: 'POST',
      body: JSON.stringify({ inputs: 'a' }),
      signal: abort.signal,
    })
    setTimeout(() => abort.abort(), 100)
    await expect(gone).rejects.toThrow()
    expect((await ask()).status).toBe(200)
  })

  test('a second cold request for other heads loads only those', async () => {
    await start()
    await worker.ask('/v1/tasks/sentiment', { inputs: 'a' })
    await worker.ask('/v1/tasks/topic', { inputs: 'a' })
    expect((await worker.health()).graphs_created).toBe(4)
  })
})

describe('faults of the store', () => {
  const SHARD = /multitask-minilm\/encoder\/layers\.000\.bin$/
  const size = statSync('assets/models/multitask-minilm/encoder/layers.000.bin').size
  const flip = (bytes: Uint8Array) => bytes.with(1000, (bytes[1000] as number) ^ 1)

  const faults: [string, NonNullable<WorkerOptions['assets']>, RegExp][] = [
    [
      'a corrupted shard',
      (_, bytes) => bytes && flip(bytes),
      /layers\.000\.bin in assets is corrupt: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
    ],
    ['a missing shard', () => null, /layers\.000\.bin is missing: looked in assets/],
    [
      'a short shard',
      (_, bytes) => bytes?.slice(0, 1000) ?? null,
      new RegExp(`wrong size: expected ${size} bytes, found 1000`),
    ],
    [
      'a long shard',
      (_, bytes) => bytes && new Uint8Array(bytes.length + 1),
      new RegExp(`wrong size: expected ${size} bytes, found over ${size}`),
    ],
  ]

  test.each(faults)('%s is a 500 that says so, and the next request recovers', async (_, fault, message) => {
    let broken = true
    await start({ assets: (path, bytes) => (broken && SHARD.test(path) ? fault(path, bytes) : bytes) })
    for (let i = 0; i < 2; i++) {
      const response = await ask()
      expect(response.status).toBe(500)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-should-retry')).toBe('false')
      const body = (await response.json()) as { error: string }
      expect(body).toMatchObject({ error_type: 'Backend', code: 'model_unavailable' })
      expect(body.error).toMatch(message)
    }
    broken = false
    expect((await ask()).status).toBe(200)
    expect((await worker.health()).js_bytes).toBeLessThan(5_000_000)
  })

  test('a manifest with another sha256 than the file', async () => {
    await start({
      assets: (path, bytes) => {
        if (!path.endsWith('multitask-minilm/model.json') || !bytes) return bytes
        const manifest = JSON.parse(new TextDecoder().decode(bytes))
        manifest.encoder.stages[0].weights.shards[0].sha256 = 'f'.repeat(64)
        return new TextEncoder().encode(JSON.stringify(manifest))
      },
    })
    const body = (await (await ask()).json()) as { error: string }
    expect(body.error).toContain(`expected sha256 ${'f'.repeat(64)}`)
  })

  test('a manifest that is none', async () => {
    let broken = true
    await start({
      assets: (path, bytes) =>
        broken && path.endsWith('model.json') ? new TextEncoder().encode('{"schema": 7}') : bytes,
    })
    const response = await ask()
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({
      error: expect.stringContaining('model.json in assets is not a manifest: schema'),
    })
    broken = false
    expect((await ask()).status).toBe(200)
  })

  test('a store that throws', async () => {
    let broken = true
    await start({
      assets: (path, bytes) => {
        if (broken && SHARD.test(path)) throw new Error('the disk is on fire')
        return bytes
      },
    })
    expect((await ask()).status).toBe(500)
    broken = false
    expect((await ask()).status).toBe(200)
  })
})

describe('the vocabulary in KV', () => {
  const vocabReads = (paths: string[]) => paths.filter((path) => path.endsWith('vocab.txt')).length

  test('the first request fills it under the hash of its content', async () => {
    await start()
    await ask()
    const { keys } = await (await worker.kv('VOCAB')).list()
    expect(keys.map(({ name }) => name)).toEqual([expect.stringMatching(/^vocab\/\d+\/07eced375cec144d/)])
  })

  test.each(['brokenKv', 'noKv'])('KV that throws or is not bound: assets answer (%s)', async (fault) => {
    const fetched: string[] = []
    await start({
      [fault]: true,
      assets: (path, bytes) => {
        fetched.push(path)
        return bytes
      },
    })
    expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(200)
    expect(vocabReads(fetched)).toBe(1)
  })
})

describe("models of one's own", () => {
  const PACKAGE = 'assets/models/all-MiniLM-L6-v2'
  const files = readdirSync(PACKAGE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
  const MULTITASK = 'assets/models/multitask-minilm'
  interface Named {
    file: string
  }
  type Files = Named | { graph: Named; weights?: { shards: Named[] } }
  const filesOf = (parts: readonly Files[]): Named[] =>
    parts.flatMap((part) => ('graph' in part ? [part.graph, ...(part.weights?.shards ?? [])] : [part]))
  const contents = (name: string, id: string) => {
    const bytes = readFileSync(`${PACKAGE}/${name}`)
    return name === 'model.json' ? bytes.toString().replace('"id": "all-MiniLM-L6-v2"', `"id": "${id}"`) : bytes
  }

  test.each(['kv', 'r2'] as const)('a package in %s answers by its id, without a new deploy', async (kind) => {
    await start({ modelStores: true })
    const id = 'me/my-model'
    const body = { inputs: 'A sentence.', model: id }
    expect((await worker.post('/v1/tasks/feature-extraction', body)).status).toBe(404)
    const store = kind === 'kv' ? await worker.kv('MODEL_KV') : await worker.r2()
    for (const name of files) await store.put(`models/${id}/${name}`, contents(name, id))
    const expected = await worker.ask('/v1/tasks/feature-extraction', { inputs: 'A sentence.' })
    expect(await worker.ask('/v1/tasks/feature-extraction', body)).toEqual(expected)
    expect(await worker.ask('/models/me%2Fmy-model', { inputs: 'A sentence.' })).toEqual(expected)
  })

  test('a head of any name answers on its model: by its own name, and as the task that it is for', async () => {
    await start({ modelStores: true })
    const { encoder, vocab, heads, ...manifest } = JSON.parse(readFileSync(`${MULTITASK}/model.json`, 'utf8'))
    const { topic } = heads
    const own = {
      ...manifest,
      id: 'desk',
      aliases: [],
      default_task: 'desk-of',
      vocab,
      encoder,
      heads: { 'desk-of': topic },
    }
    const bucket = await worker.r2()
    await bucket.put('models/desk/model.json', JSON.stringify(own))
    for (const { file } of filesOf([vocab, ...encoder.stages, topic])) {
      await bucket.put(`models/desk/${file}`, readFileSync(`${MULTITASK}/${file}`))
    }
    const inputs = 'The striker scored twice in the final.'
    const expected = await worker.ask('/models/multitask-minilm/topic', { inputs })
    expect(expected[0][0].label).toBe('Sports')
    for (const path of ['/models/desk/desk-of', '/models/desk', '/models/desk/text-classification']) {
      expect(await worker.ask(path, { inputs }), path).toEqual(expected)
    }
    expect(await worker.ask('/v1/tasks/text-classification', { inputs, model: 'desk' })).toEqual(expected)
    expect((await worker.post('/models/desk/emotion', { inputs })).status).toBe(422)
    expect((await worker.post('/models/desk/none', { inputs })).status).toBe(404)
    const info = await (await worker.fetch('/models/desk/info')).json()
    expect(info).toMatchObject({ model_type: { classifier: { id2label: { 0: topic.labels[0] } } } })
  })
})
