/** @huggingface/inference: endpoint style (one URL for each task) and provider style (the hosted API's paths). */
import {
  InferenceClient,
  InferenceClientProviderApiError,
  InferenceClientProviderOutputError,
} from '@huggingface/inference'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, LONG, native, slice, startCounted, TEXTS } from './support.ts'

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
    expect(candidates).toHaveLength(3)
    for (const candidate of candidates) {
      expect(candidate).toEqual({
        ...{ score: expect.any(Number), token: expect.any(Number), token_str: expect.any(String) },
        sequence: expect.stringMatching(/^paris is the.* of france\.$/),
      })
    }
    const scores = candidates.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  })

  test('fillMask with targets: only these, best first', async () => {
    const parameters = { targets: ['banana', 'capital'] }
    const candidates = await at('/v1/tasks/fill-mask').fillMask({ inputs: MASKED, parameters })
    expect(candidates.map(({ token_str }) => token_str)).toEqual(['capital', 'banana'])
  })

  test('fillMask with several masks: lists of lists are more than the client reads; joint is for it', async () => {
    const inputs = 'The capital of [MASK] is [MASK].'
    const client = at('/tasks/fill-mask')
    expect(await failure(client.fillMask({ inputs }))).toBeInstanceOf(InferenceClientProviderOutputError)
    const candidates = await client.fillMask({ inputs, parameters: { joint: true, top_k: 2 } as never })
    expect(candidates).toHaveLength(2)
    expect(candidates[0]?.sequence).toMatch(/^the capital of [^[]+$/)
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

  // As LangChain's HuggingFaceInferenceEmbeddings calls it: a list at /embed, and nothing else.
  test(
    'featureExtraction, 512 texts in one call: each the same as alone',
    async () => {
      const inputs = Array.from({ length: 512 }, (_, i) => `${i}`)
      const vectors = (await at('/embed').featureExtraction({ inputs })) as number[][]
      expect(vectors).toHaveLength(512)
      expectVectors([vectors[0], vectors[511]] as number[][], await native(counted.worker, ['0', '511']))
    },
    LONG,
  )

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

  test.each(['/tasks/text-generation', ''])('textGenerationStream at "%s": tokens, then the whole', async (path) => {
    const given = { inputs: 'Once upon a', parameters: { max_new_tokens: 5 } }
    let text = ''
    let whole: string | undefined
    for await (const { token, generated_text, details } of at(path).textGenerationStream(given)) {
      text += token.text
      whole = generated_text ?? whole
      if (details) expect(details).toMatchObject({ finish_reason: 'length', generated_tokens: expect.any(Number) })
    }
    expect(text.length).toBeGreaterThan(3)
    expect(whole).toBe(text)
    expect((await at(path).textGeneration(given)).generated_text).toBe(text)
  })

  test('one URL for all: the task goes by the body', async () => {
    const root = at('')
    const byPath = await at('/models/google-bert/bert-base-uncased').fillMask({ inputs: MASKED })
    expect(byPath).toHaveLength(5)
    expect(await root.fillMask({ inputs: MASKED })).toEqual(byPath)
    const inputs = { question: 'Where does Sarah live?', context: NAMES }
    expect((await root.questionAnswering({ inputs })).answer).toBe('Berlin')
    const pair = { source_sentence: 'a', sentences: ['a', 'b'] }
    expect((await root.sentenceSimilarity({ inputs: pair }))[0]).toBeCloseTo(1, 6)
    const parameters = { candidate_labels: ['one', 'two', 'three'] }
    expect(await root.zeroShotClassification({ inputs: 'x', parameters })).toHaveLength(3)
    expect(await root.textClassification({ inputs: 'x' })).toHaveLength(2)
  })

  test('without a key, and with the headers and options of the hosted API', async () => {
    const client = new InferenceClient(undefined, { endpointUrl: `${counted.base}/tasks/sentiment/?x=1`, billTo: 'us' })
    const options = { use_cache: false, wait_for_model: true }
    expect(await client.textClassification({ inputs: 'x', options } as never)).toHaveLength(2)
  })
})

describe('provider style: the hosted API’s paths', () => {
  /** Sends what would go to the hosted API to the Worker, and answers for the hub which task a model has. */
  const hosted = (task: string) =>
    new InferenceClient('hf_test', {
      fetch: (input: RequestInfo | URL, init?: RequestInit) => {
        const { origin, pathname } = new URL(String(input))
        if (origin === 'https://router.huggingface.co') return fetch(counted.base + pathname, init)
        const providerId = pathname.replace('/api/models/', '')
        const mapping = { 'hf-inference': { providerId, status: 'live', task } }
        return Promise.resolve(Response.json({ id: providerId, inferenceProviderMapping: mapping }))
      },
    })
  const provider = 'hf-inference'

  test('featureExtraction and sentenceSimilarity name their pipeline', async () => {
    const model = 'sentence-transformers/all-MiniLM-L6-v2'
    const client = hosted('feature-extraction')
    counted.arrived()
    const vectors = await client.featureExtraction({ provider, model, inputs: TEXTS })
    const inputs = { source_sentence: 'a', sentences: ['a'] }
    expect((await client.sentenceSimilarity({ provider, model, inputs }))[0]).toBeCloseTo(1, 6)
    expect(counted.arrived()).toEqual([
      `POST /hf-inference/models/${model}/pipeline/feature-extraction 200`,
      `POST /hf-inference/models/${model}/pipeline/sentence-similarity 200`,
    ])
    expectVectors(vectors as number[][], await native(counted.worker, TEXTS))
  })

  test('fillMask goes by the model', async () => {
    const model = 'google-bert/bert-base-uncased'
    counted.arrived()
    expect(await hosted('fill-mask').fillMask({ provider, model, inputs: MASKED })).toHaveLength(5)
    expect(counted.arrived()).toEqual([`POST /hf-inference/models/${model} 200`])
  })
})

describe('errors', () => {
  test.each([
    ['no mask', 'fill-mask', { inputs: 'nothing to fill' }, 422, /No mask_token \(\[MASK\]\) found on the input/],
    ['an empty text', 'feature-extraction', { inputs: '' }, 400, /`inputs` cannot be empty/],
    ['an empty list', 'feature-extraction', { inputs: [] }, 400, /`inputs` cannot be empty/],
    ['a wrong type', 'feature-extraction', { inputs: 5 }, 422, /expected string/],
    ['top_k of 0', 'fill-mask', { inputs: MASKED, parameters: { top_k: 0 } }, 422, /top_k.*Given: 0/],
    ['no labels', 'zero-shot-classification', { inputs: 'x', parameters: { candidate_labels: [] } }, 400, /one label/],
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
