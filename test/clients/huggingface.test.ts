/** @huggingface/inference: endpoint style (one URL for each task) and provider style (the hosted API's paths). */
import { InferenceClient, InferenceClientProviderApiError } from '@huggingface/inference'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, native, slice, startCounted, TEXTS } from './support.ts'

let counted: Counted
beforeAll(async () => {
  counted = await startCounted()
})
afterAll(() => counted.stop())

const at = (path: string) => new InferenceClient('hf_test', { endpointUrl: counted.base + path })
const MASKED = 'Paris is the [MASK] of France.'
const NAMES = '🎣 My name is Sarah Connor and I live in Berlin.'

describe('endpoint style', () => {
  test('fillMask', async () => {
    const candidates = await at('/tasks/fill-mask').fillMask({ inputs: MASKED, parameters: { top_k: 3 } })
    expect(candidates.map(({ token_str }) => token_str)).toContain('capital')
    expect(candidates).toHaveLength(3)
    expect(candidates[0]).toEqual({
      ...{ score: expect.any(Number), token: expect.any(Number), token_str: expect.any(String) },
      sequence: expect.stringMatching(/^paris is the \w+ of france\.$/),
    })
  })

  test('fillMask with targets', async () => {
    const parameters = { targets: ['capital', 'river'] }
    const candidates = await at('/v1/tasks/fill-mask').fillMask({ inputs: MASKED, parameters })
    expect(candidates.map(({ token_str }) => token_str)).toEqual(['capital', 'river'])
  })

  test('textClassification: all labels, or as many as asked for', async () => {
    const client = at('/tasks/text-classification')
    const all = await client.textClassification({ inputs: 'What a wonderful day!' })
    expect(all.map(({ label }) => label)).toEqual(['positive', 'negative'])
    expect(await client.textClassification({ inputs: 'What a wonderful day!', parameters: { top_k: 1 } })).toEqual(
      all.slice(0, 1),
    )
  })

  test('tokenClassification: offsets count code points', async () => {
    const entities = await at('/tasks/token-classification').tokenClassification({ inputs: NAMES })
    const found = entities.map(({ entity_group, start, end }) => [entity_group, slice(NAMES, start, end)])
    expect(found).toEqual([
      ['PER', 'Sarah Connor'],
      ['LOC', 'Berlin'],
    ])
  })

  test('tokenClassification with offset_type utf16: for String.slice', async () => {
    const parameters = { aggregation_strategy: 'simple', offset_type: 'utf16' } as const
    const entities = await at('/tasks/token-classification').tokenClassification({ inputs: NAMES, parameters })
    expect(entities.map(({ start, end }) => NAMES.slice(start, end))).toEqual(['Sarah Connor', 'Berlin'])
  })

  test('tokenClassification, every token for itself', async () => {
    const parameters = { aggregation_strategy: 'none' } as const
    const tokens = await at('/tasks/token-classification').tokenClassification({ inputs: NAMES, parameters })
    expect(tokens.map(({ entity_group }) => entity_group)).toContain('PER')
    for (const { start, end } of tokens) expect('Sarah Connor Berlin').toContain(slice(NAMES, start, end))
  })

  test('questionAnswering: the answer is a slice of the context', async () => {
    const inputs = { question: 'Where does Sarah live?', context: `${NAMES} She has a dog.` }
    const answer = await at('/tasks/question-answering').questionAnswering({ inputs })
    expect(answer.answer).toBe('Berlin')
    expect(slice(inputs.context, answer.start, answer.end)).toBe('Berlin')
    expect(answer.score).toBeGreaterThan(0)
  })

  test('zeroShotClassification', async () => {
    const scores = await at('/tasks/zero-shot-classification').zeroShotClassification({
      inputs: 'I want my money back for this broken phone.',
      parameters: { candidate_labels: ['refund', 'weather'], multi_label: true },
    })
    expect(scores.map(({ label }) => label)).toEqual(['refund', 'weather'])
  })

  test('featureExtraction: one text, a list, fewer dimensions', async () => {
    const client = at('/tasks/feature-extraction')
    const expected = await native(counted.worker, TEXTS)
    expectVectors((await client.featureExtraction({ inputs: TEXTS })) as number[][], expected)
    expectVectors(
      [(await client.featureExtraction({ inputs: TEXTS[1] as string })) as number[]],
      [expected[1] as number[]],
    )
    const short = await client.featureExtraction({ inputs: TEXTS, dimensions: 64, truncate: true } as never)
    expectVectors(short as number[][], await native(counted.worker, TEXTS, { dimensions: 64 }))
  })

  test('featureExtraction, 512 texts in one call: each the same as alone', async () => {
    const inputs = Array.from({ length: 512 }, (_, i) => `Sentence number ${i}.`)
    const vectors = (await at('/embed').featureExtraction({ inputs })) as number[][]
    expect(vectors).toHaveLength(512)
    expectVectors(
      [vectors[0], vectors[511]] as number[][],
      await native(counted.worker, ['Sentence number 0.', 'Sentence number 511.']),
    )
  })

  test('sentenceSimilarity: in the order given', async () => {
    const [source_sentence = '', ...sentences] = TEXTS
    const scores = await at('/tasks/sentence-similarity').sentenceSimilarity({ inputs: { source_sentence, sentences } })
    expect(scores).toHaveLength(2)
    expect(scores[0]).toBeGreaterThan(scores[1] as number)
  })

  test('summarization', async () => {
    const inputs = 'Berlin is the capital of Germany. It has many museums. The Spree flows through it. People like it.'
    const { summary_text } = await at('/tasks/summarization').summarization({ inputs })
    for (const sentence of summary_text.split(/(?<=\.) /)) expect(inputs).toContain(sentence)
  })

  test('textGeneration goes to /v1/completions', async () => {
    counted.arrived()
    const parameters = { max_new_tokens: 5 }
    const { generated_text } = await at('/tasks/text-generation').textGeneration({
      inputs: 'The man went to',
      parameters,
    })
    expect(generated_text.length).toBeGreaterThan(0)
    expect(counted.arrived()).toEqual(['POST /tasks/text-generation/v1/completions 200'])
  })

  test('textGenerationStream', async () => {
    let text = ''
    const stream = at('/tasks/text-generation').textGenerationStream({
      inputs: 'Once upon a',
      parameters: { max_new_tokens: 5 },
    })
    for await (const { token } of stream) text += token?.text ?? ''
    expect(text.trim().length).toBeGreaterThan(0)
  })

  test('a model by its path, and the root', async () => {
    const byPath = await at('/models/google-bert/bert-base-uncased').fillMask({ inputs: MASKED })
    expect(byPath).toHaveLength(5)
    expect(await at('/').fillMask({ inputs: MASKED })).toEqual(byPath)
  })
})

describe('provider style: the hosted API’s paths', () => {
  /** Sends what would go to router.huggingface.co to the Worker. */
  const hosted = () =>
    new InferenceClient('hf_test', {
      fetch: (input: RequestInfo | URL, init?: RequestInit) =>
        fetch(String(input).replace('https://router.huggingface.co', counted.base), init),
    })
  const hub = { provider: 'hf-inference' } as const

  test('featureExtraction', async () => {
    const client = hosted()
    const model = 'sentence-transformers/all-MiniLM-L6-v2'
    const found = await failure(client.featureExtraction({ ...hub, model, inputs: TEXTS })).catch(() => null)
    // Without an endpoint the client asks the hub which task a model has; there is no network here.
    if (found) expect(String(found)).toMatch(/huggingface\.co|fetch failed/)
  })
})

describe('errors', () => {
  test.each([
    ['no mask', 'fill-mask', { inputs: 'nothing to fill' }, 422, /No mask_token \(\[MASK\]\) found on the input/],
    ['an empty text', 'feature-extraction', { inputs: '' }, 400, /`inputs` cannot be empty/],
    ['an empty list', 'feature-extraction', { inputs: [] }, 400, /`inputs` cannot be empty/],
    ['a wrong type', 'feature-extraction', { inputs: 5 }, 422, /expected string/],
    ['top_k of 0', 'fill-mask', { inputs: MASKED, parameters: { top_k: 0 } }, 422, /top_k.*Given: 0/],
    ['no labels', 'zero-shot-classification', { inputs: 'x', parameters: { candidate_labels: [] } }, 422, /label/],
    ['too many dimensions', 'feature-extraction', { inputs: 'x', dimensions: 4000 }, 422, /384.*4000/],
    ['a text that is too long', 'feature-extraction', { inputs: 'a '.repeat(600), truncate: false }, 422, /512.*602/],
    ['no such task', 'translation', { inputs: 'x' }, 404, /unknown task "translation"; tasks are fill-mask/],
  ])('%s: the client’s own error, after one request', async (_, task, args, status, message) => {
    counted.arrived()
    const error = await failure(at(`/tasks/${task}`).featureExtraction(args as never))
    expect(error).toBeInstanceOf(InferenceClientProviderApiError)
    expect(error.message).toMatch(message)
    expect(error.httpResponse).toMatchObject({ status, requestId: expect.any(String) })
    expect(counted.arrived()).toEqual([`POST /tasks/${task} ${status}`])
  })
})
