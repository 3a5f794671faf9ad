/** Tasks that compare texts, and summaries, on the real weights in workerd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const ask = (task: string, inputs: unknown, parameters = {}) => worker.ask(`/v1/tasks/${task}`, { inputs, parameters })

const DOCUMENTS = [
  'The train to Munich leaves at a quarter to eleven.',
  'To reset your password, click the link on the sign-in page.',
  'Preheat the oven and bake the cake for forty minutes.',
]

test('sentence-similarity keeps the order of the sentences', async () => {
  const scores: number[] = await ask('sentence-similarity', {
    source_sentence: 'A man is playing a guitar.',
    sentences: ['Shares fell on Monday.', 'Someone plays an instrument.', 'A man is playing a guitar.'],
  })
  expect(scores).toHaveLength(3)
  expect(scores[2]).toBeCloseTo(1, 5)
  expect(scores[1]).toBeGreaterThan((scores[0] as number) + 0.3)
})

test('semantic-search finds the document that answers', async () => {
  const hits = await ask('semantic-search', { query: 'I forgot my login', documents: DOCUMENTS }, { top_k: 2 })
  expect(hits).toHaveLength(2)
  expect(hits[0]).toMatchObject({ index: 1, text: DOCUMENTS[1] })
  expect(hits[0].score).toBeGreaterThan(hits[1].score)
})

test('rerank: top_n, documents, scores in [0, 1], raw scores as cosines', async () => {
  const inputs = { query: 'How long does the cake stay in the oven?', documents: DOCUMENTS }
  const ranked = await ask('rerank', inputs, { top_n: 2, return_documents: true })
  expect(ranked).toHaveLength(2)
  expect(ranked[0]).toMatchObject({ index: 2, document: DOCUMENTS[2] })
  const raw = await ask('rerank', inputs, { raw_scores: true })
  expect(raw).toHaveLength(3)
  expect(ranked[0].score).toBeCloseTo((1 + raw[0].score) / 2, 6)
})

test('512 documents are all ranked', async () => {
  const documents = Array.from({ length: 512 }, (_, i) => `Document number ${i}.`)
  const ranked: { index: number }[] = await ask('rerank', { query: 'Document number 7.', documents })
  expect(new Set(ranked.map(({ index }) => index)).size).toBe(512)
  expect(ranked[0]?.index).toBe(7)
})

test('clustering tells subjects apart', async () => {
  const texts = ['The cat sleeps.', 'Stocks fell.', 'A kitten is sleeping.', 'The stock market dropped.']
  const { clusters } = await ask('clustering', { texts }, { num_clusters: 2 })
  const groups = clusters.map(({ members }: { members: { index: number }[] | number[] }) =>
    members.map((member) => (typeof member === 'number' ? member : member.index)).sort(),
  )
  expect(groups.toSorted()).toEqual([
    [0, 2],
    [1, 3],
  ])
})

test('near-duplicates finds the pair that says the same', async () => {
  const texts = ['How do I reset my password?', 'The weather is nice.', 'How can I reset my password?']
  const { pairs } = await ask('near-duplicates', { texts })
  expect(pairs).toHaveLength(1)
  expect([pairs[0].first, pairs[0].second].sort()).toEqual([0, 2])
})

describe('summarization', () => {
  const TEXT =
    'BERT was published by Google in 2018. It reads a text in both directions at once. My neighbour Dr. Smith has a dog. ' +
    'It can be fine-tuned for many language tasks with little data. “Is it small?” he asked. The dog is 3.5 years old.'

  test('keeps whole sentences in order, with offsets of the original', async () => {
    const [summary] = await ask('summarization', TEXT, { num_sentences: 2 })
    expect(summary.sentences).toHaveLength(2)
    const points = [...TEXT]
    for (const { text, start, end, score } of summary.sentences) {
      expect(points.slice(start, end).join('')).toBe(text)
      expect(score).toBeGreaterThanOrEqual(0)
    }
    const starts = summary.sentences.map(({ start }: { start: number }) => start)
    expect(starts).toEqual(starts.toSorted((a: number, b: number) => a - b))
    expect(summary.summary_text).toBe(summary.sentences.map(({ text }: { text: string }) => text).join(' '))
  })

  test('abbreviations, decimals and quotes do not end sentences', async () => {
    const [summary] = await ask('summarization', TEXT, { num_sentences: 6, all_sentences: true })
    expect(summary.sentences.map(({ text }: { text: string }) => text)).toEqual([
      'BERT was published by Google in 2018.',
      'It reads a text in both directions at once.',
      'My neighbour Dr. Smith has a dog.',
      'It can be fine-tuned for many language tasks with little data.',
      '“Is it small?” he asked.',
      'The dog is 3.5 years old.',
    ])
  })
})

type BadInput = [task: string, body: object, status: number, message: RegExp]
const badInputs: BadInput[] = [
  ['sentence-similarity', { inputs: { source_sentence: 'a', sentences: [] } }, 400, /`sentences` cannot be empty/],
  ['sentence-similarity', { inputs: 'a' }, 422, /`inputs`/],
  ['semantic-search', { inputs: { query: '', documents: ['a'] } }, 400, /query` cannot be empty/],
  ['semantic-search', { inputs: { query: 'a', documents: [] } }, 400, /`documents` cannot be empty/],
  ['rerank', { inputs: { query: 'a' } }, 422, /`documents` is required/],
  ['rerank', { inputs: { query: 'a', documents: ['b'] }, parameters: { top_n: 0 } }, 422, /top_n.*Given: 0/],
  ['clustering', { inputs: { texts: ['a'] }, parameters: { num_clusters: 2 } }, 422, /at most 1.*Given: 2/],
  ['near-duplicates', { inputs: { texts: ['a'] }, parameters: { threshold: 2 } }, 422, /threshold.*Given: 2/],
  ['summarization', { inputs: '' }, 400, /cannot be empty/],
  ['summarization', { inputs: 'a', parameters: { ratio: 1.5 } }, 422, /ratio.*Given: 1.5/],
]

test.each(badInputs)('%s refuses bad input %#', async (task, body, status, message) => {
  const response = await worker.post(`/v1/tasks/${task}`, body)
  expect(((await response.json()) as { error: string }).error).toMatch(message)
  expect(response.status).toBe(status)
})
