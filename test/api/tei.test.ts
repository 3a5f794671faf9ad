/** text-embeddings-inference's routes with plain fetch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const texts = ['A man plays a guitar.', 'Stocks fell today.']
const get = async (path: string) => (await worker.fetch(path)).json()
const length = (vector: number[]) => Math.hypot(...vector)

describe('/embed', () => {
  test('always two-dimensional, normalised, equal to the native answer', async () => {
    const vectors = await worker.ask('/embed', { inputs: texts })
    expect(vectors).toEqual(await worker.ask('/v1/tasks/feature-extraction', { inputs: texts }))
    for (const vector of vectors) expect(length(vector)).toBeCloseTo(1, 6)
    expect(await worker.ask('/embed', { inputs: texts[0] })).toEqual([vectors[0]])
  })

  test('normalize, dimensions', async () => {
    const [raw] = await worker.ask('/embed', { inputs: texts[0], normalize: false })
    expect(length(raw)).not.toBeCloseTo(1, 1)
    const [short] = await worker.ask('/embed', { inputs: texts[0], dimensions: 16 })
    expect(short).toHaveLength(16)
    expect(length(short)).toBeCloseTo(1, 6)
  })

  test('token ids are this model’s, with [CLS] and [SEP] put where they are missing', async () => {
    const [tokens] = await worker.ask('/tokenize', { inputs: texts[0] })
    const ids = tokens.map(({ id }: { id: number }) => id)
    const expected = await worker.ask('/embed', { inputs: texts[0] })
    expect(await worker.ask('/embed', { inputs: ids })).toEqual(expected)
    expect(await worker.ask('/embed', { inputs: ids.slice(1, -1) })).toEqual(expected)
    expect(await worker.ask('/embed', { inputs: [ids, texts[1]] })).toEqual([
      expected[0],
      ...(await worker.ask('/embed', { inputs: texts[1] })),
    ])
    expect(await worker.ask('/embed', { inputs: ids.slice(1, -1), add_special_tokens: false })).not.toEqual(expected)
  })

  test('600 ids are cut and counted, or refused', async () => {
    const ids = Array(600).fill(7592)
    const response = await worker.post('/embed', { inputs: ids })
    expect(response.headers.get('x-truncated')).toBe('1')
    const [cut] = (await response.json()) as number[][]
    const [same] = await worker.ask('/embed', { inputs: Array(510).fill('hello').join(' ') })
    expect(cut).toEqual(same)
    const refused = await worker.post('/embed', { inputs: ids, truncate: false })
    expect(await refused.json()).toEqual({
      error: '`inputs` must have at most 512 tokens. Given: 602',
      error_type: 'Validation',
    })
  })

  test('prompt_name is accepted, and said to change nothing', async () => {
    const response = await worker.post('/embed', { inputs: 'a', prompt_name: 'query' })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-warning')).toMatch(/prompt_name "query" is not applied/)
  })
})

test('/embed_all: every token, not normalised; their mean is the embedding', async () => {
  const [rows] = (await worker.ask('/embed_all', { inputs: texts[0] })) as number[][][]
  expect(rows).toHaveLength(8)
  const [raw] = await worker.ask('/embed', { inputs: texts[0], normalize: false })
  const mean = (column: number) => (rows ?? []).reduce((sum, row) => sum + (row[column] ?? 0), 0) / 8
  expect(mean(0)).toBeCloseTo(raw[0], 5)
})

test('/embed_sparse: weights of words, also of those not in the text', async () => {
  const [weights] = (await worker.ask('/embed_sparse', { inputs: 'hello world' })) as {
    index: number
    value: number
  }[][]
  expect(weights?.map(({ index }) => index)).toEqual(expect.arrayContaining([7592, 2088]))
  for (const { value } of weights ?? []) expect(value).toBeGreaterThan(0)
  // More rows than the head reads at once, and ids instead of a text.
  const long = Array(40).fill('hello').join(' ')
  expect(await worker.ask('/embed_sparse', { inputs: Array(40).fill(7592) })).toEqual(
    await worker.ask('/embed_sparse', { inputs: long }),
  )
})

describe('/predict', () => {
  const best = (labels: { label: string }[]) => labels[0]?.label

  test('one text, a list of one, and a pair are answered flat', async () => {
    const one = await worker.ask('/predict', { inputs: 'What a lovely day!' })
    expect(best(one)).toBe('positive')
    expect(await worker.ask('/predict', { inputs: ['What a lovely day!'] })).toEqual(one)
    const pair = await worker.ask('/predict', { inputs: ['Paul went shopping.', 'He bought a new shirt.'] })
    expect(best(pair)).toBe('isNext')
  })

  test('a batch of lists may mix texts and pairs', async () => {
    const inputs = [['What a lovely day!'], ['Paul went shopping.', 'He bought a new shirt.'], ['Terrible.']]
    const answers = await worker.ask('/predict', { inputs })
    expect(answers.map(best)).toEqual(['positive', 'isNext', 'negative'])
    expect(answers[1]).toEqual(await worker.ask('/predict', { inputs: inputs[1] }))
  })

  test('raw_scores are logits', async () => {
    for (const inputs of ['What a lovely day!', ['Paul went shopping.', 'He bought a new shirt.']]) {
      const [first, second] = await worker.ask('/predict', { inputs })
      const [a, b] = await worker.ask('/predict', { inputs, raw_scores: true })
      expect(Math.exp(a.score) / (Math.exp(a.score) + Math.exp(b.score))).toBeCloseTo(first.score, 6)
      expect([a.label, b.label]).toEqual([first.label, second.label])
    }
  })
})

test('/rerank: sorted, text on request, raw scores', async () => {
  const body = { query: 'Where do penguins live?', texts: ['Stocks fell.', 'Penguins live in Antarctica.'] }
  const ranked = await worker.ask('/rerank', body)
  expect(ranked.map(({ index }: { index: number }) => index)).toEqual([1, 0])
  expect(ranked[0]).toEqual({ index: 1, score: expect.any(Number) })
  const raw = await worker.ask('/rerank', { ...body, raw_scores: true, return_text: true })
  expect(raw[0].text).toBe(body.texts[1])
  expect((1 + raw[0].score) / 2).toBeCloseTo(ranked[0].score, 6)
})

test('/similarity: cosines in order', async () => {
  const inputs = { source_sentence: texts[0], sentences: ['Someone makes music.', 'Stocks fell.'] }
  const cosines = await worker.ask('/similarity', { inputs, parameters: { truncate: true, prompt_name: 'x' } })
  expect(cosines).toEqual(await worker.ask('/v1/tasks/sentence-similarity', { inputs }))
  expect(cosines[0]).toBeGreaterThan(cosines[1])
})

test('/tokenize never truncates, and counts code points or UTF-16', async () => {
  const [tokens] = await worker.ask('/tokenize', { inputs: 'hello '.repeat(600) })
  expect(tokens).toHaveLength(602)
  const inputs = ['🎣 fish', 'b']
  const answers = await worker.ask('/tokenize', { inputs, add_special_tokens: false })
  expect(answers).toHaveLength(2)
  expect(answers[0].at(-1)).toEqual({ id: 3869, text: 'fish', special: false, start: 2, stop: 6 })
  const [utf16] = await worker.ask('/tokenize', { inputs, add_special_tokens: false, offset_type: 'utf16' })
  expect(utf16.at(-1)).toMatchObject({ start: 3, stop: 7 })
})

test('/decode gives one text for each list', async () => {
  const ids = [101, 7592, 1010, 2088, 102]
  expect(await worker.ask('/decode', { ids })).toEqual(['hello, world'])
  expect(await worker.ask('/decode', { ids: [ids, [7592]], skip_special_tokens: false })).toEqual([
    '[CLS] hello, world [SEP]',
    'hello',
  ])
})

test('/vertex: instances as /embed or as /rerank', async () => {
  const rerank = { query: 'a', texts: ['b', 'a'] }
  const instances = [{ inputs: texts }, rerank, { inputs: texts[0], dimensions: 8 }, { inputs: texts[1] }]
  const { predictions } = await worker.ask('/vertex', { instances })
  const alone = instances.map((body) => worker.ask('query' in body ? '/rerank' : '/embed', body))
  expect(predictions).toEqual(await Promise.all(alone))
  const tooMany = { instances: Array(200).fill({ inputs: 'hello '.repeat(510) }) }
  const refused = await worker.post('/vertex', tooMany)
  expect(await refused.json()).toMatchObject({ error: expect.stringMatching(/65536 tokens in all. Given: 102400/) })
})

test('/info tells the true limits', async () => {
  expect(await get('/info')).toMatchObject({
    model_id: 'all-MiniLM-L6-v2',
    model_dtype: 'int8',
    model_type: { embedding: { pooling: 'mean' } },
    max_input_length: 512,
    max_batch_tokens: 65_536,
    max_client_batch_size: 2_048,
    max_concurrent_requests: 128,
    auto_truncate: true,
  })
})

test('/health, /ping, / and /metrics', async () => {
  expect(await get('/health')).toMatchObject({ status: 'ok', unix: expect.any(Number) })
  for (const path of ['/ping', '/']) expect((await worker.fetch(path)).status).toBe(200)
  const metrics = await (await worker.fetch('/metrics')).text()
  expect(metrics).toMatch(/^te_request_count\{method="single"\} [1-9]/m)
  expect(metrics).toMatch(/^te_request_success\{method="batch"\} [1-9]/m)
  expect(metrics).toMatch(/^te_request_inference_duration_sum [\d.e-]+$/m)
  expect(metrics).toMatch(/^te_embed_count [1-9]/m)
  expect(metrics).toMatch(/^te_predict_success [1-9]/m)
  expect(metrics).toMatch(/^te_batch_next_tokens_sum [1-9]/m)
  expect(metrics).toMatch(/^te_queue_size 0$/m)
})

test('POST / runs the task that the body is of, else the default one', async () => {
  const inputs = { question: 'Where does Sarah live?', context: 'Sarah lives in Berlin.' }
  expect(await worker.ask('/', { inputs })).toMatchObject({ answer: 'Berlin' })
  const pair = { source_sentence: texts[0], sentences: texts }
  expect(await worker.ask('/', { inputs: pair })).toEqual(await worker.ask('/similarity', { inputs: pair }))
  const masked = await worker.ask('/', { inputs: 'Paris is the [MASK] of France.' })
  expect(masked[0]).toHaveProperty('token_str')
  const [labels] = await worker.ask('/', { inputs: 'What a lovely day!' })
  expect(labels[0].label).toBe('positive')
})

test('costs are told in the headers', async () => {
  const { headers } = await worker.post('/embed', { inputs: ['🎣 hi', 'b'] })
  const number = (name: string) => Number(headers.get(name))
  expect(headers.get('x-compute-type')).toBe('cpu')
  expect(number('x-compute-characters')).toBe(5)
  expect(number('x-compute-tokens')).toBe(7)
  for (const name of ['compute', 'total', 'tokenization', 'queue', 'inference'])
    expect(headers.get(`x-${name}-time`)).toMatch(/^\d+$/)
  expect(headers.get('server-timing')).toMatch(/^bytes;dur=.*decode;dur=/)
})

test.each([
  ['/embed', {}, 422, /`inputs` is required/],
  ['/embed', { inputs: '' }, 400, /`inputs` cannot be empty/],
  ['/embed', { inputs: [] }, 400, /`inputs` cannot be empty/],
  ['/embed', { inputs: ['a', []] }, 400, /`inputs\[1\]` cannot be empty/],
  ['/embed', { inputs: [30522] }, 422, /must be below 30522. Given: 30522/],
  ['/embed', { inputs: 'a', dimensions: 0 }, 422, /between 1 and 384. Given: 0/],
  ['/embed_all', { inputs: 7 }, 422, /`inputs`/],
  ['/embed_sparse', { inputs: 'a', model: 'all-MiniLM-L6-v2' }, 422, /has no head "fill-mask"/],
  ['/predict', { inputs: ['a', 'b', 'c'] }, 422, /`inputs`/],
  ['/predict', { inputs: [] }, 400, /`inputs` cannot be empty/],
  ['/predict', { inputs: [['a'], []] }, 400, /`inputs\[1\]` cannot be empty/],
  ['/rerank', { query: 'a', texts: [] }, 400, /`texts` cannot be empty/],
  ['/rerank', { query: '', texts: ['a'] }, 400, /`query` cannot be empty/],
  ['/rerank', { query: 'a' }, 422, /`texts`/],
  ['/similarity', { inputs: { source_sentence: 'a', sentences: [] } }, 400, /`sentences` cannot be empty/],
  ['/tokenize', { inputs: [] }, 400, /`inputs` cannot be empty/],
  ['/tokenize', { inputs: '' }, 400, /`inputs` cannot be empty/],
  ['/tokenize', { inputs: 'a '.repeat(70_000) }, 422, /65536 tokens in all. Given: 70002/],
  ['/decode', { ids: [] }, 400, /`ids` cannot be empty/],
  ['/decode', { ids: [99_999] }, 422, /must be below 30522. Given: 99999/],
  ['/vertex', { instances: [] }, 400, /`instances` cannot be empty/],
  ['/vertex', { instances: [{}] }, 422, /`instances\[0\].inputs` is required/],
])('%s %#', async (path, body, status, message) => {
  const response = await worker.post(path, body)
  expect(response.status).toBe(status)
  const answer = await response.json()
  expect(answer).toMatchObject({ error: expect.stringMatching(message), error_type: expect.any(String) })
})
