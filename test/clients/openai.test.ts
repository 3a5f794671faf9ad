/** openai: embeddings (base64 on the wire unless asked otherwise), models, completions; and LangChain on top of it. */
import { OpenAIEmbeddings } from '@langchain/openai'
import { Tiktoken } from 'js-tiktoken/lite'
import ranks from 'js-tiktoken/ranks/cl100k_base'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Counted, expectVectors, failure, LONG, native, startCounted, TEXTS } from './support.ts'

let counted: Counted
let openai: OpenAI
beforeAll(async () => {
  counted = await startCounted()
  openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${counted.base}/v1` })
})
afterAll(() => counted.stop())

const model = 'bert'
const numbered = (length: number) => Array.from({ length }, (_, i) => `${i}`)
const vectorsOf = ({ data }: OpenAI.CreateEmbeddingResponse) => data.map(({ embedding }) => embedding)

describe('embeddings', () => {
  test('one text, as base64 (the default)', async () => {
    const answer = await openai.embeddings.create({ model, input: TEXTS[1] as string })
    expectVectors(vectorsOf(answer), await native(counted.worker, [TEXTS[1] as string]))
    expect(answer).toMatchObject({ object: 'list', model: 'all-MiniLM-L6-v2', data: [{ index: 0 }] })
    expect(answer.usage.prompt_tokens).toBeGreaterThan(5)
    expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens)
  })

  test('a list as base64 and as floats: the same, in order', async () => {
    const expected = await native(counted.worker, TEXTS)
    expectVectors(vectorsOf(await openai.embeddings.create({ model, input: TEXTS })), expected)
    const floats = await openai.embeddings.create({ model, input: TEXTS, encoding_format: 'float' })
    expectVectors(vectorsOf(floats), expected)
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1, 2])
  })

  test('dimensions: cut, then normalised', async () => {
    const expected = await native(counted.worker, TEXTS, { dimensions: 64 })
    const body = { model: 'text-embedding-3-small', input: TEXTS, dimensions: 64, user: 'u1' }
    expectVectors(vectorsOf(await openai.embeddings.create(body)), expected)
    expectVectors(vectorsOf(await openai.embeddings.create({ ...body, encoding_format: 'float' })), expected)
  })

  test('token arrays are cl100k_base: the vectors of the text that they spell', async () => {
    const tiktoken = new Tiktoken(ranks)
    const input = TEXTS.map((text) => tiktoken.encode(text))
    const expected = await native(counted.worker, TEXTS)
    expectVectors(vectorsOf(await openai.embeddings.create({ model, input })), expected)
    const [first] = input as [number[]]
    expectVectors(vectorsOf(await openai.embeddings.create({ model, input: first })), expected.slice(0, 1))
  })

  test(
    '512 texts in one call, each the same as alone',
    async () => {
      const input = numbered(512)
      counted.arrived()
      const vectors = vectorsOf(await openai.embeddings.create({ model, input }))
      expect(counted.arrived()).toEqual(['POST /v1/embeddings 200'])
      expect(vectors).toHaveLength(512)
      const ends = ['0', '511']
      expectVectors([vectors[0], vectors[511]] as number[][], await native(counted.worker, ends))
    },
    LONG,
  )

  test('a text over the maximum is cut, and the answer says so', async () => {
    const input = ['hello '.repeat(600), 'short']
    const { data, response } = await openai.embeddings.create({ model, input }).withResponse()
    expect(data.data).toHaveLength(2)
    expect(response.headers.get('x-truncated')).toBe('1')
  })
})

describe('models', () => {
  test('list', async () => {
    const ids: string[] = []
    for await (const { id, object } of openai.models.list()) {
      expect(object).toBe('model')
      ids.push(id)
    }
    expect(ids).toEqual(['multitask-minilm', 'all-MiniLM-L6-v2'])
  })

  test('retrieve: by an id with a slash, which goes as %2F', async () => {
    counted.arrived()
    const id = 'google-bert/bert-base-uncased'
    expect(await openai.models.retrieve(id)).toMatchObject({ id, object: 'model', owned_by: expect.any(String) })
    expect(counted.arrived()).toEqual(['GET /v1/models/google-bert%2Fbert-base-uncased 200'])
  })
})

describe('completions', () => {
  const prompt = 'The weather today is'
  const body = { model, prompt, max_tokens: 5, seed: 7 }

  test('text, finish_reason, usage', async () => {
    const { choices, usage, object } = await openai.completions.create(body)
    expect(object).toBe('text_completion')
    expect(choices).toEqual([{ index: 0, text: expect.any(String), logprobs: null, finish_reason: 'length' }])
    expect(choices[0]?.text.length).toBeGreaterThan(3)
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
  })

  test('stream: the same text, piece by piece', async () => {
    let text = ''
    let reason: string | null = null
    for await (const { choices } of await openai.completions.create({ ...body, stream: true })) {
      text += choices[0]?.text ?? ''
      reason = choices[0]?.finish_reason ?? reason
    }
    expect(text).toBe((await openai.completions.create(body)).choices[0]?.text)
    expect(reason).toBe('length')
  })

  test('suffix, n and several prompts', async () => {
    const filled = await openai.completions.create({ model, prompt: 'hello', suffix: ' !', max_tokens: 5 })
    expect(filled.choices[0]?.text.length).toBeGreaterThan(0)
    const prompts = ['One day', 'The cat']
    const { choices } = await openai.completions.create({ model, prompt: prompts, n: 2, max_tokens: 2, echo: true })
    expect(choices.map(({ index, text }) => [index, text.slice(0, 7)])).toEqual([
      [0, 'One day'],
      [1, 'One day'],
      [2, 'The cat'],
      [3, 'The cat'],
    ])
  })

  test('a prompt of tokens is the prompt that they spell', async () => {
    const tokens = new Tiktoken(ranks).encode(prompt)
    const { choices } = await openai.completions.create({ ...body, prompt: tokens })
    expect(choices).toEqual((await openai.completions.create(body)).choices)
  })
})

describe('errors: the client’s own, after one request', () => {
  const embed = (body: object) => openai.embeddings.create({ model, input: 'a', ...body })
  test.each([
    ['an empty text', { input: '' }, 'input', /`input` cannot be empty/],
    ['an empty list', { input: [] }, 'input', /`input` cannot be empty/],
    ['an empty text among others', { input: ['a', ''] }, 'input', /`input\[1\]` cannot be empty/],
    ['a number', { input: 5 }, 'input', /Given: 5/],
    ['too many dimensions', { dimensions: 4000 }, 'dimensions', /384. Given: 4000/],
    ['a token outside cl100k_base', { input: [[15339], [200000]] }, 'input', /cl100k_base.*Given: 200000/],
    ['2,049 texts', { input: Array(2049).fill('a') }, 'input', /at most 2048 elements. Given: 2049/],
    ['too many tokens', { input: Array(200).fill('hello '.repeat(510)) }, 'input', /65536 .*Given: 102400/],
  ])('BadRequestError for %s', async (_, body, param, message) => {
    counted.arrived()
    const error = await failure(embed(body))
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param, code: null })
    expect(error.message).toMatch(message)
    expect(error.requestID).toMatch(/^[0-9a-f-]{36}$/)
    expect(counted.arrived()).toEqual(['POST /v1/embeddings 400'])
  })

  test('NotFoundError for an unknown model and an unknown path', async () => {
    counted.arrived()
    const unknown = await failure(embed({ model: 'text-embedding-3-large' }))
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ param: 'model', code: 'model_not_found' })
    expect(await failure(openai.models.retrieve('no/such'))).toBeInstanceOf(OpenAI.NotFoundError)
    expect(await failure(openai.chat.completions.create({ model, messages: [] }))).toMatchObject({
      status: 404,
      code: 'unknown_url',
    })
    expect(counted.arrived()).toHaveLength(3)
  })

  test('413 for a body over the limit', async () => {
    const error = await failure(embed({ input: 'a'.repeat(2_100_000) }))
    expect(error).toMatchObject({ status: 413 })
    expect(error.message).toMatch(/at most 2000000 bytes. Given: 21000\d\d/)
  })
})

describe('LangChain’s OpenAIEmbeddings', () => {
  const langchain = (fields: object = {}) =>
    new OpenAIEmbeddings({ apiKey: 'sk-test', model, configuration: { baseURL: `${counted.base}/v1` }, ...fields })

  test('embedQuery and embedDocuments', async () => {
    const expected = await native(counted.worker, TEXTS)
    expectVectors([await langchain().embedQuery(TEXTS[0] as string)], expected.slice(0, 1))
    expectVectors(await langchain().embedDocuments(TEXTS), expected)
  })

  test(
    '513 documents go as 512 and 1',
    async () => {
      const documents = numbered(513)
      counted.arrived()
      const vectors = await langchain({ dimensions: 32 }).embedDocuments(documents)
      expect(counted.arrived()).toEqual(['POST /v1/embeddings 200', 'POST /v1/embeddings 200'])
      const ends = [documents[0], documents[512]] as string[]
      expectVectors([vectors[0], vectors[512]] as number[][], await native(counted.worker, ends, { dimensions: 32 }))
    },
    LONG,
  )

  test('its error, after one request', async () => {
    counted.arrived()
    const error = await failure(langchain().embedDocuments(['a', '']))
    expect(error.message).toMatch(/`input\[1\]` cannot be empty/)
    expect(counted.arrived()).toEqual(['POST /v1/embeddings 400'])
  })
})
