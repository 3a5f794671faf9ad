/** What the Hugging Face paths add to the tasks: models by path, text generation in two shapes, errors. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const prompt = 'The weather today is'
const generated = async (parameters: object) =>
  worker.ask('/tasks/text-generation', { inputs: prompt, parameters: { max_new_tokens: 4, seed: 3, ...parameters } })

describe('paths of models', () => {
  test.each([
    '/models/google-bert/bert-base-uncased/pipeline/sentiment',
    '/models/google-bert%2Fbert-base-uncased/sentiment',
    '/models/multitask-minilm/text-classification',
    '/models/default/sentiment/?x=1',
    '/hf-inference/models/multitask-minilm',
    '/tasks/sentiment/',
    '/hf-inference/models/@cf%2Fhuggingface%2Fdistilbert-sst-2-int8/',
  ])('%s', async (path) => {
    const [labels] = await worker.ask(path, { inputs: 'What a lovely day!' })
    expect(labels[0].label).toBe('positive')
  })

  test.each([
    '/hf-inference/models/sentence-transformers/all-MiniLM-L6-v2/pipeline/feature-extraction',
    '/models/default/feature-extraction',
    '/tasks/feature-extraction',
  ])('%s: a text gives one vector, a list gives a list', async (path) => {
    const one = await worker.ask(path, { inputs: 'a' })
    expect(one).toHaveLength(384)
    expect(await worker.ask(path, { inputs: ['a'], options: { wait_for_model: true } })).toEqual([one])
  })
})

describe('text generation', () => {
  test.each([
    '/v1/tasks/text-generation/v1/completions',
    '/tasks/text-generation/v1/completions',
    '/models/multitask-minilm/v1/completions',
    '/models/google-bert/bert-base-uncased/v1/completions',
    '/hf-inference/models/multitask-minilm/pipeline/text-generation/v1/completions',
  ])('%s', async (path) => {
    const model = new URL('/tasks/text-generation', worker.url).href
    const body = { model, prompt, max_tokens: 4, seed: 3, return_full_text: true }
    const { choices } = await worker.ask(path, body)
    expect(choices[0].text).toBe((await generated({}))[0].generated_text)
  })

  test('details, as text-generation-inference has them', async () => {
    const [{ generated_text, details }] = await generated({ details: true, return_full_text: false })
    expect(details).toMatchObject({ finish_reason: 'length', seed: 3, prefill: [] })
    expect(details.generated_tokens).toBe(details.tokens.length)
    expect(generated_text.startsWith(prompt)).toBe(false)
  })

  test('a stop sequence is named as the reason', async () => {
    const [{ generated_text, details }] = await generated({ details: true, stop: ['.'] })
    expect(generated_text).not.toContain('.')
    expect(details).toMatchObject({ finish_reason: 'stop_sequence', input_length: 4 })
  })

  test.each([
    { parameters: { details: false } },
    { parameters: { return_full_text: true } },
    { parameters: {}, stream: true },
  ])('at the URL of all tasks its fields tell it: %j', async (told) => {
    const response = await worker.post('/', { inputs: prompt, ...told })
    expect(await response.text()).toContain('generated_text')
  })

  test('a stream of tokens, the whole text with the last', async () => {
    const parameters = { max_new_tokens: 4, seed: 3 }
    const response = await worker.post('/tasks/text-generation', { inputs: prompt, parameters, stream: true })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const events = (await response.text())
      .split('\n\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line.replace(/^data: /, '')))
    const [{ generated_text }] = await generated({})
    expect(prompt + events.map(({ token }) => token.text).join('')).toBe(generated_text)
    expect(events.map((event) => event.generated_text)).toEqual([
      ...Array(events.length - 1).fill(null),
      generated_text,
    ])
  })

  test('errors of the suffix keep the shape of Hugging Face', async () => {
    const response = await worker.post('/tasks/text-generation/v1/completions', { prompt: '' })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: '`prompt` cannot be empty', error_type: 'Empty' })
  })
})

test.each([
  ['/models/no/such', { inputs: 'a' }, 404],
  ['/models/multitask-minilm/pipeline/translation', { inputs: 'a' }, 404],
  ['/models/no/such/pipeline/sentiment', { inputs: 'a' }, 404],
  ['/tasks/translation/v1/completions', { prompt: 'a' }, 404],
  ['/hf-inference/elsewhere', { inputs: 'a' }, 404],
  ['/models/all-MiniLM-L6-v2/pipeline/sentiment', { inputs: 'a' }, 422],
])('%s %j', async (path, body, status) => {
  const response = await worker.post(path, body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: expect.any(String), error_type: expect.any(String) })
})
