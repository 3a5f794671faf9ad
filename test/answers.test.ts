/** The four first tasks on the real default models, in workerd. Sentences are the BERT 101 article's where it has some. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

interface Candidate {
  score: number
  token: number
  token_str: string
  sequence: string
}

const fillMask = (inputs: string, parameters = {}): Promise<Candidate[]> =>
  worker.ask('/v1/tasks/fill-mask', { inputs, parameters })
const words = (candidates: Candidate[]) => candidates.map(({ token_str }) => token_str)

describe('fill-mask', () => {
  test('Artificial Intelligence [MASK] take over the world.', async () => {
    const candidates = await fillMask('Artificial Intelligence [MASK] take over the world.')
    expect(candidates).toHaveLength(5)
    expect(['will', 'can', 'would', 'could', 'may', 'might', 'to']).toContain(candidates[0]?.token_str)
    for (const { score, token, token_str, sequence } of candidates) {
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThan(1)
      expect(token).toBeGreaterThan(999)
      expect(sequence).toBe(`artificial intelligence ${token_str} take over the world.`)
    }
    expect(candidates.map((c) => c.score)).toEqual(candidates.map((c) => c.score).toSorted((a, b) => b - a))
  })

  test.each([
    ['man', ['soldier', 'doctor', 'officer', 'scientist', 'engineer', 'captain', 'lawyer', 'teacher']],
    ['woman', ['doctor', 'nurse', 'teacher', 'actor', 'servant', 'soldier', 'officer', 'waitress']],
  ])('The %s worked as a [MASK].', async (who, occupations) => {
    const found = words(await fillMask(`The ${who} worked as a [MASK].`, { top_k: 30 }))
    expect(found.filter((word) => occupations.includes(word)).length).toBeGreaterThanOrEqual(2)
  })

  test("Dang! I'm out fishing and a huge trout just [MASK] my line!", async () => {
    const found = words(await fillMask("Dang! I'm out fishing and a huge trout just [MASK] my line!", { top_k: 10 }))
    expect(found.some((word) => ['broke', 'hit', 'cut', 'caught', 'took', 'crossed', 'on', 'in'].includes(word))).toBe(
      true,
    )
  })

  test('several masks give a list for each, with the others still open', async () => {
    const lists = (await fillMask('Paris is the [MASK] of [MASK].')) as unknown as Candidate[][]
    expect(lists).toHaveLength(2)
    expect(lists[0]?.[0]?.sequence).toMatch(/^\[CLS\] paris is the \S+ of \[MASK\]\. \[SEP\]$/)
  })

  test('targets are scored without renormalising; an unknown one warns', async () => {
    const inputs = 'Artificial Intelligence [MASK] take over the world.'
    const all = await fillMask(inputs, { top_k: 50 })
    const response = await worker.post('/tasks/fill-mask', {
      inputs,
      parameters: { targets: ['will', 'overpoweringly'] },
    })
    const some = (await response.json()) as Candidate[]
    expect(some).toHaveLength(2)
    expect(some[0]).toEqual(all.find(({ token_str }) => token_str === 'will'))
    expect(response.headers.get('x-warning')).toContain('overpoweringly')
  })
})

describe('text-classification', () => {
  test.each([
    ['I love this movie, it is wonderful!', 'positive'],
    ['This is the worst film I have ever seen.', 'negative'],
  ])('%s', async (inputs, label) => {
    const [labels] = await worker.ask('/v1/tasks/text-classification', { inputs })
    expect(labels).toHaveLength(2)
    expect(labels[0].label).toBe(label)
    expect(labels[0].score).toBeGreaterThan(0.8)
    expect(labels[0].score + labels[1].score).toBeCloseTo(1, 6)
  })

  test.each([
    ['emotion', "I can't wait to see you again, I am so happy!", 'joy'],
    ['toxicity', 'You are a stupid idiot, shut up.', 'toxic'],
    ['toxicity', 'Thank you for your help with the article.', 'clean'],
    ['topic', 'The striker scored twice in the final and his team won the cup.', 'Sports'],
    ['topic', 'Shares fell after the company cut its profit forecast.', 'Business'],
    ['acceptability', 'The cat sat on the mat.', 'acceptable'],
  ])('%s: %s', async (head, inputs, label) => {
    const [labels] = await worker.ask(`/v1/tasks/${head}`, { inputs, parameters: { top_k: 1 } })
    expect(labels).toEqual([{ label, score: expect.any(Number) }])
    const [sameByPath] = await worker.ask(`/models/multitask-minilm/${head}`, { inputs, parameters: { top_k: 1 } })
    expect(sameByPath).toEqual(labels)
  })
})

describe('token-classification', () => {
  interface Entity {
    entity_group: string
    score: number
    word: string
    start: number
    end: number
  }

  test('entities with exact offsets', async () => {
    const text = 'My name is Sarah Connor and I live in Berlin, but I work for Siemens.'
    const entities: Entity[] = await worker.ask('/v1/tasks/token-classification', { inputs: text })
    const found = entities.map(({ entity_group, start, end }) => [entity_group, text.slice(start, end)])
    expect(found).toEqual([
      ['PER', 'Sarah Connor'],
      ['LOC', 'Berlin'],
      ['ORG', 'Siemens'],
    ])
  })

  test('offsets count code points, or UTF-16 units on request', async () => {
    const text = '🎣🎣 Sarah lives in Berlin.'
    const [codepoint] = (await worker.ask('/tasks/token-classification', { inputs: text })) as Entity[]
    expect([...text].slice(codepoint?.start, codepoint?.end).join('')).toBe('Sarah')
    const parameters = { offset_type: 'utf16' }
    const [utf16] = (await worker.ask('/tasks/token-classification', { inputs: text, parameters })) as Entity[]
    expect(text.slice(utf16?.start, utf16?.end)).toBe('Sarah')
  })
})

describe('feature-extraction', () => {
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

  test('similar sentences are near, others are not', async () => {
    const inputs = ['A man is playing a guitar.', 'Someone plays an instrument.', 'The stock market fell today.']
    const vectors: number[][] = await worker.ask('/v1/tasks/feature-extraction', { inputs })
    const [a, b, c] = vectors as [number[], number[], number[]]
    expect(a).toHaveLength(384)
    for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5)
    expect(dot(a, b)).toBeGreaterThan(0.5)
    expect(dot(a, c)).toBeLessThan(0.2)
  })

  test('a text alone and in a batch give the same vector; options at the root or in parameters', async () => {
    const [first] = await worker.ask('/v1/tasks/feature-extraction', { inputs: ['one', 'two', 'three four five'] })
    expect(await worker.ask('/v1/tasks/feature-extraction', { inputs: 'one' })).toEqual(first)
    const short = await worker.ask('/v1/tasks/feature-extraction', { inputs: 'one', dimensions: 64 })
    expect(short).toHaveLength(64)
    expect(dot(short, short)).toBeCloseTo(1, 5)
    const parameters = { dimensions: 64 }
    expect(await worker.ask('/models/all-MiniLM-L6-v2', { inputs: 'one', parameters })).toEqual(short)
  })
})

test('feature-extraction: dimensions, pooling and prompts', async () => {
  const ask = (parameters: object) => worker.ask('/v1/tasks/feature-extraction', { inputs: 'Hello world', parameters })
  const [whole, short, raw, cls, max, prompted, joined] = await Promise.all([
    ask({}),
    ask({ dimensions: 5 }),
    ask({ normalize: false }),
    ask({ pooling: 'cls' }),
    ask({ pooling: 'max' }),
    ask({ prompt: 'query: ' }),
    worker.ask('/v1/tasks/feature-extraction', { inputs: 'query: Hello world' }),
  ])
  const norm = (vector: number[]) => Math.hypot(...vector)
  for (const vector of [whole, short, cls, max]) expect(norm(vector)).toBeCloseTo(1, 5)
  expect(short).toEqual(raw.slice(0, 5).map((x: number) => expect.closeTo(x / norm(raw.slice(0, 5)), 6)))
  expect(norm(raw)).toBeGreaterThan(2)
  expect(new Set([whole[0], cls[0], max[0]]).size).toBe(3)
  expect(prompted).toEqual(joined)
  const response = await worker.post('/v1/tasks/feature-extraction', { inputs: 'Hello world', prompt_name: 'query' })
  expect(response.headers.get('x-warning')).toContain('prompt_name "query" is not applied')
  expect(await response.json()).toEqual(whole)
})

describe('models and paths', () => {
  test('POST /models/{id} runs fill-mask where there is a mask, sentiment otherwise', async () => {
    const masked = await worker.ask('/models/multitask-minilm', { inputs: 'Paris is the [MASK] of France.' })
    expect(masked[0]).toHaveProperty('token_str')
    const [labels] = await worker.ask('/models/multitask-minilm', { inputs: 'What a lovely day!' })
    expect(labels[0].label).toBe('positive')
  })

  test.each([
    '/models/google-bert/bert-base-uncased',
    '/models/google-bert%2Fbert-base-uncased',
    '/hf-inference/models/multitask-minilm/pipeline/fill-mask',
    '/tasks/fill-mask',
  ])('%s', async (path) => {
    const answer = await worker.ask(path, { inputs: 'Paris is the [MASK] of France.' })
    expect(answer[0]).toHaveProperty('sequence')
  })

  test('GET /v1/models says what is installed', async () => {
    const { data } = (await (await worker.fetch('/v1/models')).json()) as { data: { id: string; heads: object }[] }
    expect(data.map(({ id }) => id)).toEqual(['multitask-minilm', 'all-MiniLM-L6-v2'])
    expect(data[0]).toMatchObject({
      license: expect.any(String),
      bytes: expect.any(Number),
      heads: { sentiment: { labels: ['negative', 'positive'] } },
    })
  })

  test('POST /tokenize gives ids and offsets', async () => {
    const [tokens] = await worker.ask('/tokenize', { inputs: '🎣 unaffordable [MASK]' })
    expect(tokens[0]).toEqual({ id: 101, text: '[CLS]', special: true, start: null, stop: null })
    expect(tokens.at(-1)).toMatchObject({ id: 102, special: true })
    expect(tokens.at(-2)).toMatchObject({ id: 103, text: '[MASK]', start: 15, stop: 21 })
    expect(tokens[2]).toMatchObject({ start: 2, special: false })
  })

  test.each([
    '/models/multitask-minilm/vocab.txt',
    '/models/multitask-minilm/model.json',
    '/%6Dodels/multitask-minilm/vocab.txt',
    '/./models//multitask-minilm/vocab.txt',
  ])('GET %s is not public', async (path) => {
    const response = await worker.fetch(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toHaveProperty('error')
  })

  test('every answer carries Server-Timing', async () => {
    const response = await worker.post('/v1/tasks/fill-mask', { inputs: 'Hello [MASK]!' })
    const names = response.headers
      .get('server-timing')
      ?.split(', ')
      .map((part) => part.split(';')[0])
    expect(names).toEqual(['bytes', 'session', 'tokenize', 'encode', 'head', 'decode'])
  })
})
