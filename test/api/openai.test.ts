/** OpenAI's API with plain fetch. */
import { readFileSync } from 'node:fs'
import { Tiktoken } from 'js-tiktoken/lite'
import ranks from 'js-tiktoken/ranks/cl100k_base'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

interface Embeddings {
  data: { index: number; embedding: number[] }[]
  model: string
  usage: { prompt_tokens: number }
}

const embed = (body: object): Promise<Embeddings> => worker.ask('/v1/embeddings', body)
const native = (inputs: string | string[]) => worker.ask('/v1/tasks/feature-extraction', { inputs })
const length = (vector: number[]) => Math.hypot(...vector)

async function refused(path: string, body: unknown) {
  const response = await worker.post(path, body)
  const { error } = (await response.json()) as { error: { message: string; type: string; param: string; code: string } }
  return { status: response.status, ...error }
}

describe('embeddings', () => {
  test('floats, in order, normalised and equal to the native answer', async () => {
    const input = ['A man plays a guitar.', 'Stocks fell today.']
    const answer = await embed({ model: 'text-embedding-3-small', input, encoding_format: 'float' })
    expect(answer).toMatchObject({ object: 'list', model: 'all-MiniLM-L6-v2' })
    expect(answer.data.map(({ index }) => index)).toEqual([0, 1])
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(await native(input))
    for (const { embedding } of answer.data) expect(length(embedding)).toBeCloseTo(1, 6)
    expect(answer.usage.prompt_tokens).toBe(14)
  })

  test('base64 is little-endian float32', async () => {
    const answer = await worker.ask('/v1/embeddings', { input: 'hi', encoding_format: 'base64' })
    const bytes = Uint8Array.from(Buffer.from(answer.data[0].embedding, 'base64'))
    expect([...new Float32Array(bytes.buffer)]).toEqual(await native('hi'))
  })

  test('dimensions cuts, then normalises', async () => {
    const { data } = await embed({ input: 'hi', dimensions: 64 })
    const vector = data[0]?.embedding as number[]
    const whole = (await native('hi')).slice(0, 64)
    expect(length(vector)).toBeCloseTo(1, 6)
    expect(vector[0]).toBeCloseTo(whole[0] / length(whole), 6)
  })

  test('token arrays are cl100k_base', async () => {
    const tokenizer = new Tiktoken(ranks)
    const texts = ['A man plays a guitar.', 'Grüße aus 東京 🎣, naïve café']
    const { data } = await embed({ input: texts.map((text) => tokenizer.encode(text)) })
    expect(data.map(({ embedding }) => embedding)).toEqual(await native(texts))
    const one = await embed({ input: tokenizer.encode(texts[0] as string) })
    expect(one.data[0]?.embedding).toEqual(data[0]?.embedding)
  })

  test('the ranks among the assets are those of js-tiktoken', () => {
    expect(JSON.parse(readFileSync('assets/tiktoken/cl100k_base.json', 'utf8'))).toEqual(ranks)
  })

  test.each([
    ['an empty text', { input: '' }, 'input', /`input` cannot be empty/],
    ['an empty text in a list', { input: ['a', ''] }, 'input', /`input\[1\]` cannot be empty/],
    ['an empty list', { input: [] }, 'input', /`input` cannot be empty/],
    ['an empty token list', { input: [[1], []] }, 'input', /`input\[1\]` cannot be empty/],
    ['no input', { model: 'bert' }, 'input', /`input`/],
    ['a number among texts', { input: ['a', 7] }, 'input', /`input\[1\]` .*Given: 7/],
    ['a token outside cl100k_base', { input: [15339, 100256] }, 'input', /outside cl100k_base.*Given: 100256/],
    ['too many dimensions', { input: 'a', dimensions: 385 }, 'dimensions', /between 1 and 384. Given: 385/],
    ['another encoding', { input: 'a', encoding_format: 'int8' }, 'encoding_format', /encoding_format/],
    ['2,049 inputs', { input: Array(2049).fill('a') }, 'input', /at most 2048 elements. Given: 2049/],
    [
      'too many tokens',
      { input: Array(200).fill('hello '.repeat(510)) },
      'input',
      /65536 tokens in all. Given: 102400/,
    ],
  ])('400 for %s', async (_, body, param, message) => {
    const error = await refused('/v1/embeddings', body)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param })
    expect(error.message).toMatch(message)
  })

  test('404 for an unknown model', async () => {
    const error = await refused('/v1/embeddings', { model: 'text-embedding-3-large', input: 'a' })
    expect(error).toMatchObject({ status: 404, param: 'model', code: 'model_not_found' })
  })
})

describe('completions', () => {
  const complete = (body: object) => worker.ask('/v1/completions', { prompt: 'The weather today is', ...body })
  const texts = async (body: object) => (await complete(body)).choices.map(({ text }: { text: string }) => text)

  test.each([{}, { suffix: 'and cold.' }])(
    'do_sample false, top_p 0 and temperature 0 take the likeliest: %j',
    async (gap) => {
      const likeliest = await texts({ max_tokens: 3, temperature: 0, seed: 1, ...gap })
      expect(await texts({ max_tokens: 3, do_sample: false, seed: 2, ...gap })).toEqual(likeliest)
      expect(await texts({ max_tokens: 3, top_p: 0, seed: 3, ...gap })).toEqual(likeliest)
    },
  )

  test('the same seed gives the same text, and usage counts', async () => {
    const answer = await complete({ model: 'bert', max_tokens: 5, seed: 7 })
    expect(answer).toMatchObject({ object: 'text_completion', model: 'multitask-minilm' })
    expect(answer.choices).toHaveLength(1)
    expect(answer.choices[0]).toMatchObject({ index: 0, logprobs: null, finish_reason: 'length' })
    expect(answer.choices[0].text.length).toBeGreaterThan(5)
    expect(answer.usage.prompt_tokens).toBe(4)
    expect(answer.usage.total_tokens).toBe(4 + answer.usage.completion_tokens)
    expect((await complete({ max_tokens: 5, seed: 7 })).choices).toEqual(answer.choices)
  })

  test('n, several prompts, echo', async () => {
    const prompt = ['One fine day', 'The cat sat on']
    const { choices } = await complete({ prompt, n: 2, max_tokens: 3, echo: true })
    expect(choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3])
    expect(choices[1].text).toMatch(/^One fine day./)
    expect(choices[2].text).toMatch(/^The cat sat on./)
  })

  test.each([{}, { suffix: 'and cold.' }])('a prompt that is cut counts once, whatever n: %o', async (body) => {
    const prompt = ['It was warm. '.repeat(200), 'It was warm.']
    const response = await worker.post('/v1/completions', { prompt, n: 3, max_tokens: 2, ...body })
    expect([response.status, response.headers.get('x-truncated')]).toEqual([200, '1'])
  })

  test('stop ends the text before it', async () => {
    const { choices } = await complete({ max_tokens: 6, stop: ['.'] })
    expect(choices[0].text).not.toContain('.')
    expect(choices[0].finish_reason).toBe('stop')
  })

  test('a suffix is met from both sides', async () => {
    const body = { prompt: 'She read a', suffix: 'by Charles Dickens.', max_tokens: 1, temperature: 0 }
    const { choices } = await complete(body)
    expect(choices[0].text.trim()).toMatch(/^(book|novel|story)$/)
  })

  test('stream is the same text in events, [DONE] last', async () => {
    const body = { prompt: 'The weather today is', max_tokens: 5, seed: 7 }
    const response = await worker.post('/v1/completions', {
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const lines = (await response.text()).split('\n\n').filter((line) => line !== '')
    expect(lines.at(-1)).toBe('data: [DONE]')
    const events = lines.slice(0, -1).map((line) => JSON.parse(line.replace('data: ', '')))
    const texts = events.flatMap(({ choices }) => choices.map(({ text }: { text: string }) => text))
    expect(texts.join('')).toBe((await complete(body)).choices[0].text)
    expect(events.at(-2).choices[0].finish_reason).toBe('length')
    expect(events.at(-1).usage.total_tokens).toBeGreaterThan(4)
  })

  test('prompts as cl100k_base tokens', async () => {
    const tokens = new Tiktoken(ranks).encode('The weather today is')
    expect((await complete({ prompt: tokens, max_tokens: 3 })).choices).toEqual(
      (await complete({ max_tokens: 3 })).choices,
    )
  })

  test.each([
    ['an empty prompt', { prompt: '' }, 'prompt', /`prompt` cannot be empty/],
    ['no prompt', {}, 'prompt', /`prompt`/],
    ['a temperature of 3', { prompt: 'a', temperature: 3 }, 'temperature', /`temperature` .*Given: 3/],
    ['more new tokens than the budget', { prompt: Array(512).fill('a') }, 'max_tokens', /at most 840. Given: 8192/],
  ])('400 for %s', async (_, body, param, message) => {
    const error = await refused('/v1/completions', body)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param })
    expect(error.message).toMatch(message)
  })
})

describe('models', () => {
  test.each(['google-bert/bert-base-uncased', 'google-bert%2Fbert-base-uncased', 'all-MiniLM-L6-v2'])(
    'GET /v1/models/%s',
    async (name) => {
      const model = await (await worker.fetch(`/v1/models/${name}`)).json()
      expect(model).toMatchObject({ id: decodeURIComponent(name), object: 'model', owned_by: expect.any(String) })
    },
  )

  test.each(['/v1/models/gpt-4', '/v1/models/%E0%A4%A', '/v1/nothing'])('404 for %s', async (path) => {
    const response = await worker.fetch(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error: { message: expect.any(String), type: 'invalid_request_error' },
    })
  })
})

test('a body that is not JSON', async () => {
  const response = await worker.fetch('/v1/embeddings', { method: 'POST', body: '{"input": ' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code: null } })
})
