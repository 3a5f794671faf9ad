/** The Python clients, installed from PyPI: each runs its calls in one process and says what they gave. */
import { Tiktoken } from 'js-tiktoken/lite'
import ranks from 'js-tiktoken/ranks/cl100k_base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callsOf, type Outcome, pythonWith } from './python/environment.ts'
import { type Counted, expectVectors, LONG, native, slice, startCounted, TEXTS } from './support.ts'

const NAMES = '🎣 My name is Sarah Connor and I live in Berlin.'
const KEY = 'sesame-1234'
const given = {
  masked: 'Paris is the [MASK] of France.',
  names: NAMES,
  texts: TEXTS,
  article: 'Berlin is the capital of Germany. It has many museums. The Spree flows through it. People like it.',
  tokens: TEXTS.map((text) => new Tiktoken(ranks).encode(text)),
  query: 'Where do penguins live?',
  documents: ['Paris is the capital of France.', 'Penguins live in Antarctica.', 'Stocks fell today.'],
  key: KEY,
}

let open: Counted
let keyed: Counted
let vectors: number[][]
beforeAll(async () => {
  open = await startCounted()
  keyed = await startCounted({ vars: { API_KEY: KEY } })
  vectors = await native(open.worker, TEXTS)
})
afterAll(() => Promise.all([open.stop(), keyed.stop()]))

type Outcomes = Record<string, Outcome>

/** Runs a script before the tests of its client; each of its calls is one request, whatever came of it. */
function calls(script: string, to: () => Counted, requirements = 'requirements.txt'): () => Outcomes {
  let outcomes: Outcomes = {}
  beforeAll(async () => {
    const counted = to()
    const python = await pythonWith(requirements)
    counted.arrived()
    outcomes = await callsOf(python, script, counted.base, given)
  }, 2 * LONG)
  test('one request for each call: nothing is repeated', () => {
    expect(to().arrived()).toHaveLength(Object.keys(outcomes).length)
  })
  return () => outcomes
}

const unwrap = ({ value, error }: Outcome = {}) => {
  expect(error).toBeUndefined()
  return value
}

function expectError(outcome: Outcome | undefined, type: string, status: number, message: RegExp): void {
  expect(outcome?.error).toMatchObject({ bases: expect.arrayContaining([type]), status })
  expect(outcome?.error?.message).toMatch(message)
}

describe('huggingface_hub', () => {
  const outcomes = calls('call_huggingface.py', () => open)
  const value = (name: string) => unwrap(outcomes()[name])

  test('fill_mask: with targets, through the hosted API’s path, with several masks', () => {
    const candidates = value('fill_mask')
    expect(candidates).toHaveLength(3)
    expect(candidates[0]).toMatchObject({
      type: 'FillMaskOutputElement',
      sequence: expect.stringMatching(/^paris is the.* of france\.$/),
    })
    const names = value('fill_mask, targets').map(({ token_str }: { token_str: string }) => token_str)
    expect(names).toEqual(['capital', 'banana'])
    expect(value('provider').slice(0, 3)).toEqual(candidates)
    expect(value('fill_mask, two masks').map((list: unknown[]) => list.length)).toEqual([2, 2])
  })

  test('text_classification: all labels, or top_k', () => {
    const labels = value('text_classification').map(({ label }: { label: string }) => label)
    expect(labels).toEqual(['positive', 'negative'])
    expect(value('text_classification, top_k')).toEqual([expect.objectContaining({ label: 'positive' })])
  })

  test('token_classification: offsets count code points', () => {
    const entities = value('token_classification') as { start: number; end: number; entity_group: string }[]
    expect(entities.map(({ start, end, entity_group }) => [entity_group, slice(NAMES, start, end)])).toEqual([
      ['PER', 'Sarah Connor'],
      ['LOC', 'Berlin'],
    ])
    expect(value('token_classification, none')[0]).toMatchObject({ entity: 'B-PER', entity_group: 'PER' })
  })

  test('question_answering: one answer or a list; at one URL for all tasks, too', () => {
    const answer = value('question_answering')
    expect(answer).toMatchObject({ type: 'QuestionAnsweringOutputElement', answer: 'Berlin' })
    expect(slice(NAMES, answer.start, answer.end)).toBe('Berlin')
    expect(value('question_answering, top_k')).toHaveLength(2)
    expect(value('one URL for all')).toEqual(answer)
  })

  test('zero_shot_classification', () => {
    const scores = value('zero_shot_classification') as { label: string; score: number }[]
    expect(scores.map(({ label }) => label)).toEqual(['refund', 'weather'])
    expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6)
    expect(value('zero_shot_classification, multi_label')).toHaveLength(2)
  })

  test('feature_extraction and sentence_similarity', () => {
    expectVectors(value('feature_extraction'), vectors)
    expectVectors(value('feature_extraction, async'), vectors)
    expectVectors([value('feature_extraction, one')], vectors.slice(0, 1))
    const [same, near, far] = value('sentence_similarity')
    expect(same).toBeCloseTo(1, 6)
    expect(near).toBeGreaterThan(far)
  })

  test('summarization', () => {
    const { summary_text } = value('summarization')
    expect(given.article).toContain(summary_text.split('. ')[0])
  })

  test('text_generation: text, details, streams of both', () => {
    const text = value('text_generation')
    expect(text).toMatch(/^Once upon a./)
    expect(value('one URL for all, text_generation')).toBe(text)
    const { details } = value('text_generation, details')
    expect(details).toMatchObject({ generated_tokens: details.tokens.length, prefill: [] })
    expect(details.finish_reason).toMatch(/^(length|stop_sequence)$/)
    expect(`Once upon a${value('text_generation, stream').join('')}`).toBe(text)
    const last = value('text_generation, stream of details').at(-1)
    expect(last).toMatchObject({ generated_text: text, details: { finish_reason: 'length' } })
  })

  test('health_check and get_endpoint_info', () => {
    expect(value('health_check')).toBe(true)
    const embedding = { model_id: 'all-MiniLM-L6-v2', max_input_length: 512, model_type: { embedding: {} } }
    expect(value('get_endpoint_info')).toMatchObject(embedding)
    expect(value('get_endpoint_info of a model')).toMatchObject(embedding)
    const classifier = { id2label: { 0: 'negative', 1: 'positive' } }
    expect(value('get_endpoint_info of a task')).toMatchObject({ model_type: { classifier } })
    expect([value('health_check of a task'), value('health_check of no task')]).toEqual([true, false])
  })

  test('errors', () => {
    expectError(outcomes()['no mask'], 'HfHubHTTPError', 422, /No mask_token \(\[MASK\]\) found on the input/)
    expectError(outcomes().empty, 'BadRequestError', 400, /`inputs` cannot be empty/)
    expectError(outcomes()['no labels'], 'BadRequestError', 400, /at least one label/)
    expectError(outcomes()['unknown task'], 'HfHubHTTPError', 404, /unknown task "translation"/)
    expectError(outcomes()['unknown model'], 'HfHubHTTPError', 404, /unknown model "no\/such"/)
  })
})

describe('openai', () => {
  const outcomes = calls('call_openai.py', () => open)
  const value = (name: string) => unwrap(outcomes()[name])
  const embeddings = (name: string) =>
    value(name).data.map(({ embedding }: { embedding: number[] }) => embedding) as number[][]

  test('embeddings: base64 (the default), floats, dimensions, tokens, 512 texts', async () => {
    expectVectors(embeddings('base64'), vectors)
    expectVectors(embeddings('float'), vectors)
    expectVectors(embeddings('tokens'), vectors)
    expectVectors(embeddings('dimensions'), await native(open.worker, TEXTS.slice(0, 1), { dimensions: 64 }))
    expect(value('512')).toEqual(Array(512).fill(8))
  })

  test('models', () => {
    expect(value('models')).toEqual(['multitask-minilm', 'all-MiniLM-L6-v2'])
    expect(value('model')).toBe('google-bert/bert-base-uncased')
  })

  test('completions: whole, and as a stream', () => {
    const [choice] = value('completion').choices
    expect(choice).toMatchObject({ finish_reason: 'length', index: 0 })
    expect(value('stream')).toBe(choice.text)
  })

  test('errors', () => {
    expectError(outcomes().empty, 'BadRequestError', 400, /`input` cannot be empty/)
    expectError(outcomes()['too many dimensions'], 'BadRequestError', 400, /384. Given: 4000/)
    expectError(outcomes()['unknown model'], 'NotFoundError', 404, /unknown model "x\/y"/)
    expectError(outcomes()['too large'], 'APIStatusError', 413, /at most 2000000 bytes. Given: 21000\d\d/)
  })
})

describe('cohere', () => {
  const outcomes = calls('call_cohere.py', () => open)
  const value = (name: string) => unwrap(outcomes()[name])

  test('rerank', () => {
    const { results } = value('v2 rerank')
    expect(results.map(({ index }: { index: number }) => index)[0]).toBe(1)
    expect(results).toHaveLength(2)
    expect(value('v1 rerank').results).toMatchObject([{ index: 1, document: { text: given.documents[1] } }])
  })

  test('embed and tokenize', () => {
    expectVectors(value('v2 embed'), vectors)
    expectVectors(value('v1 embed'), vectors)
    expect(value('v1 tokenize')).toEqual([19204, 4697, 2033])
  })

  test('errors', () => {
    expectError(outcomes()['empty query'], 'BadRequestError', 400, /`query` cannot be empty/)
    expectError(outcomes()['too many'], 'UnprocessableEntityError', 422, /at most 2048 elements. Given: 2049/)
    expectError(outcomes()['unknown model'], 'NotFoundError', 404, /unknown model/)
  })
})

describe('langchain-openai', () => {
  const outcomes = calls('call_langchain_openai.py', () => open)
  const value = (name: string) => unwrap(outcomes()[name])

  test('embeds texts and, as it does unless told otherwise, arrays of tokens', () => {
    expectVectors(value('embed_documents'), vectors)
    expectVectors(value('embed_documents, tokens'), vectors)
    expectVectors([value('embed_query, tokens')], vectors.slice(0, 1))
  })

  test('errors', () => {
    expectError(outcomes()['unknown model'], 'NotFoundError', 404, /unknown model "x\/y"/)
    expectError(outcomes().empty, 'BadRequestError', 400, /cannot be empty/)
  })
})

describe('langchain-huggingface', () => {
  const outcomes = calls('call_langchain_huggingface.py', () => open, 'requirements-langchain-huggingface.txt')
  const value = (name: string) => unwrap(outcomes()[name])

  test('embeds', () => {
    expectVectors(value('embed_documents'), vectors)
    expectVectors([value('embed_query')], vectors.slice(0, 1))
  })

  test('errors', () => expectError(outcomes().empty, 'BadRequestError', 400, /`inputs\[1\]` cannot be empty/))
})

describe('llama-index, with a key (its reranker sends it without "Bearer")', () => {
  const outcomes = calls('call_llama_index.py', () => keyed)
  const value = (name: string) => unwrap(outcomes()[name])

  test('embeds and reranks', () => {
    expectVectors(value('texts'), vectors)
    expectVectors([value('query')], vectors.slice(0, 1))
    expect(value('rerank')).toEqual([[given.documents[1], expect.any(Number)]])
  })
})
