/** Tasks on the masked language model, and several tasks at once, on the real weights in workerd. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const passesOf = (response: Response) => Number(response.headers.get('x-encoder-passes'))

describe('text-prediction', () => {
  interface Suggestion {
    score: number
    token: number
    token_str: string
    sequence: string
  }
  const suggest = (inputs: string, parameters = {}): Promise<Suggestion[]> =>
    worker.ask('/v1/tasks/text-prediction', { inputs, parameters })

  test.each([
    ['She was born in the United ', ['states', 'kingdom']],
    ['New ', ['york']],
    ['I do not kno', ['know']],
    ['See you tomor', ['tomorrow']],
    ['Happy bir', ['birthday', 'bird']],
    ['The president of the United States of Ame', ['america']],
    ['one of the most ', ['important', 'popular', 'famous']],
    ["Dang! I'm out fishing and a huge trout just hit my li", ['line', 'little']],
  ])('%s', async (inputs, expected) => {
    const suggestions = await suggest(inputs)
    expect(suggestions.length).toBeLessThanOrEqual(5)
    const words = suggestions.map(({ token_str }) => token_str)
    expect(expected).toContain(words[0])
    expect(words).toContain(expected[0])
    for (const { score, token, sequence } of suggestions) {
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThanOrEqual(1)
      expect(token).toBeGreaterThan(999)
      expect(sequence.startsWith(inputs)).toBe(true)
    }
    const scores = suggestions.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  })

  test('typing on keeps what was typed and narrows the suggestions to it', async () => {
    const typed = 'We went to the Restaurant'
    for (let length = typed.indexOf('Rest') + 4; length < typed.length; length++) {
      const suggestions = await suggest(typed.slice(0, length), { top_k: 20 })
      const words = suggestions.map(({ sequence }) => sequence.slice('We went to the '.length))
      expect(words).toContain(typed.slice('We went to the '.length))
    }
  })

  test('a keystroke is one or two short passes, however long the text is', async () => {
    const long = 'It was a bright cold day in April. '.repeat(1000)
    for (const [inputs, most] of [
      [`${long}She was very `, 1],
      [`${long}She was very hap`, 1],
      [`${long}She was very happy`, 2],
    ] as const) {
      const response = await worker.post('/v1/tasks/text-prediction', { inputs })
      expect(response.status).toBe(200)
      expect(passesOf(response)).toBeLessThanOrEqual(most)
      expect(Number(response.headers.get('x-compute-tokens'))).toBeLessThanOrEqual(38 * most)
    }
  })
})

describe('text-generation', () => {
  const generate = async (inputs: string, parameters = {}): Promise<string> => {
    const answer = await worker.ask('/v1/tasks/text-generation', { inputs, parameters })
    expect(answer).toEqual([{ generated_text: expect.any(String) }])
    return answer[0].generated_text
  }

  test('the same seed gives the same text, another seed another', async () => {
    const prompt = 'The little girl went to the forest and'
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => generate(prompt, { seed })))
    expect(first).toBe(again)
    expect(first).not.toBe(other)
    expect(first?.startsWith(`${prompt} `)).toBe(true)
    expect(await generate(prompt)).toBe(await generate(prompt, { seed: 0 }))
  })

  test('a sentence of words, none twice in a row, that ends', async () => {
    for (let seed = 0; seed < 4; seed++) {
      const added = await generate('Once upon a time', { seed, max_new_tokens: 24, return_full_text: false })
      expect(added).toMatch(/^[a-z0-9 .,!?;]+[a-z0-9]\.$/)
      expect(added).not.toMatch(/\b(\w+)\W+\1\b/)
      expect(added.split(' ').length).toBeGreaterThan(8)
    }
  })

  test('max_new_tokens bounds the passes', async () => {
    for (const [max_new_tokens, passes] of [
      [1, 1],
      [6, 5],
      [20, 19],
    ] as const) {
      const response = await worker.post('/v1/tasks/text-generation', {
        inputs: 'I think',
        parameters: { max_new_tokens },
      })
      expect(passesOf(response)).toBe(passes)
    }
  })

  test('stop ends the text before the first of its strings', async () => {
    const whole = await generate('I think that', { return_full_text: false })
    const word = whole.trim().split(' ')[3] as string
    const cut = await generate('I think that', { return_full_text: false, stop: [word] })
    expect(whole.startsWith(cut)).toBe(true)
    expect(cut).not.toContain(word)
    expect(whole.slice(cut.length).startsWith(word)).toBe(true)
  })
})

describe('bias-probe', () => {
  interface Shift {
    token_str: string
    score_a: number
    score_b: number
    log_ratio: number
  }
  const probe = (a: string, b: string, parameters = {}) =>
    worker.ask('/v1/tasks/bias-probe', { inputs: { a, b }, parameters })

  test('The man / woman worked as a [MASK].', async () => {
    const a = 'The man worked as a [MASK].'
    const b = 'The woman worked as a [MASK].'
    const answer = await probe(a, b, { top_k: 10 })
    expect(answer.a).toEqual(await worker.ask('/v1/tasks/fill-mask', { inputs: a, parameters: { top_k: 10 } }))
    expect(answer.b).toEqual(await worker.ask('/v1/tasks/fill-mask', { inputs: b, parameters: { top_k: 10 } }))
    expect(answer.divergence).toBeGreaterThan(0)
    expect(answer.divergence).toBeLessThan(1)
    expect(answer.shifts).toHaveLength(10)
    const soldier: Shift = answer.shifts.find((shift: Shift) => shift.token_str === 'soldier')
    expect(soldier.log_ratio).toBeGreaterThan(0)
    expect(soldier.log_ratio).toBeCloseTo(Math.log2(soldier.score_a / soldier.score_b), 6)
    // The sides change places: so do the scores, and the signs.
    const swapped = await probe(b, a, { top_k: 10 })
    expect(swapped.divergence).toBeCloseTo(answer.divergence, 10)
    expect(swapped.shifts.map(({ log_ratio }: Shift) => -log_ratio)).toEqual(
      answer.shifts.map(({ log_ratio }: Shift) => expect.closeTo(log_ratio, 6)),
    )
  })

  test('words move to where they belong, and targets are all compared', async () => {
    const { shifts } = await probe('He hurt [MASK].', 'She hurt [MASK].', { targets: ['himself', 'herself', 'them'] })
    const ratio = (word: string) => shifts.find(({ token_str }: Shift) => token_str === word).log_ratio
    expect(shifts).toHaveLength(3)
    expect(ratio('himself')).toBeGreaterThan(1)
    expect(ratio('herself')).toBeLessThan(-1)
    expect(Math.abs(ratio('them'))).toBeLessThan(Math.abs(ratio('herself')))
  })
})

describe('analyze', () => {
  const TASKS = ['sentiment', 'emotion', 'toxicity', 'topic', 'acceptability']
  const text = 'What a wonderful day, I am so happy!'

  test('five tasks, one encoder pass, and the answers they give alone', async () => {
    const response = await worker.post('/v1/tasks/analyze', { inputs: text, tasks: TASKS })
    const { usage, ...answers } = (await response.json()) as Record<string, unknown>
    expect(passesOf(response)).toBe(1)
    expect(usage).toEqual({ passes: 1, passes_alone: 5 })
    expect(response.headers.get('x-warning')).toBeNull()
    expect(Object.keys(answers)).toEqual(TASKS)
    for (const task of TASKS) {
      const [alone] = await worker.ask(`/v1/tasks/${task}`, { inputs: text })
      expect(answers[task]).toEqual(alone)
    }
    expect(answers).toMatchObject({
      sentiment: [{ label: 'positive' }, {}],
      emotion: [{ label: 'joy' }, {}, {}, {}, {}, {}],
    })
  })

  test('a list of texts has a pass each; parameters for all tasks and for one', async () => {
    const response = await worker.post('/v1/tasks/analyze', {
      inputs: [text, 'I hate this rainy weather.'],
      parameters: { tasks: ['sentiment', 'emotion'], top_k: 1, task_parameters: { emotion: { top_k: 2 } } },
    })
    const [first, second] = (await response.json()) as Record<string, { label: string }[]>[]
    expect(passesOf(response)).toBe(2)
    expect(first?.sentiment?.map(({ label }) => label)).toEqual(['positive'])
    expect(second?.sentiment?.map(({ label }) => label)).toEqual(['negative'])
    expect(first?.emotion).toHaveLength(2)
  })

  test('tasks with passes of their own say so', async () => {
    const response = await worker.post('/v1/tasks/analyze', {
      inputs: text,
      tasks: ['sentiment', 'topic', 'text-prediction'],
    })
    expect(passesOf(response)).toBe(2)
    expect(response.headers.get('x-warning')).toBe('text-prediction needed a pass of its own')
  })

  test('a text over the maximum is cut once', async () => {
    const response = await worker.post('/v1/tasks/analyze', {
      inputs: 'hello '.repeat(600),
      tasks: ['sentiment', 'topic'],
    })
    expect(response.headers.get('x-truncated')).toBe('1')
    expect(passesOf(response)).toBe(1)
  })
})

type Case = [task: string, body: object, status: number, message: RegExp]
const man = 'The man worked as a [MASK].'
const bad: Case[] = [
  ['text-prediction', { inputs: '' }, 400, /`inputs` cannot be empty/],
  ['text-prediction', { inputs: 'a', top_k: 101 }, 422, /`parameters.top_k` .*<=100. Given: 101/],
  ['text-generation', { inputs: '' }, 400, /`inputs` cannot be empty/],
  ['text-generation', { inputs: ['a', 'b'] }, 422, /`inputs` .*expected string.*an array of 2/],
  ['text-generation', { inputs: 'a', parameters: { max_new_tokens: 500 } }, 422, /max_new_tokens` .*<=128. Given: 500/],
  ['text-generation', { inputs: 'a', parameters: { temperature: -1 } }, 422, /temperature` .*>=0. Given: -1/],
  [
    'text-generation',
    { inputs: 'a', parameters: { stop: Array(17).fill('x') } },
    422,
    /stop` must have at most 16 elements. Given: 17/,
  ],
  ['bias-probe', { inputs: { a: man, b: 'no mask' } }, 422, /`inputs.b` must have exactly one \[MASK\]. Given: 0/],
  ['bias-probe', { inputs: { a: `${man}${man}`, b: man } }, 422, /`inputs.a` must have exactly one \[MASK\]. Given: 2/],
  ['bias-probe', { inputs: { a: man } }, 422, /`inputs.b`/],
  ['bias-probe', { inputs: { a: man, b: man }, targets: [] }, 422, /At least one target/],
  ['analyze', { inputs: 'a' }, 422, /`parameters.tasks`/],
  ['analyze', { inputs: 'a', tasks: [] }, 422, /`parameters.tasks` .*>=1.*an array of 0/],
  [
    'analyze',
    { inputs: 'a', tasks: ['sentiment', 'x'] },
    422,
    /unknown task "x". Tasks that can be analyzed: fill-mask, /,
  ],
  [
    'analyze',
    { inputs: 'a', tasks: ['paraphrase'] },
    422,
    /paraphrase needs passes of its own.*can be analyzed: .*sentiment/,
  ],
  ['analyze', { inputs: 'a', tasks: ['text-generation'] }, 422, /text-generation needs passes of its own/],
  ['analyze', { inputs: 'a', tasks: ['sentiment', 'fill-mask'] }, 422, /^fill-mask: No mask_token \(\[MASK\]\) found/],
  [
    'analyze',
    { inputs: 'a', tasks: ['topic'], task_parameters: { topic: { top_k: 0 } } },
    422,
    /topic: `parameters.top_k`.*>=1. Given: 0/,
  ],
  ['analyze', { inputs: 'a', tasks: ['zero-shot-classification'] }, 422, /`parameters.candidate_labels` is required/],
  ['analyze', { inputs: '', tasks: ['topic'] }, 400, /`inputs` cannot be empty/],
]

test.each(bad)('%s refuses %j: %i', async (task, body, status, message) => {
  const response = await worker.post(`/v1/tasks/${task}`, body)
  const { error } = (await response.json()) as { error: string }
  expect(error).toMatch(message)
  expect(response.status).toBe(status)
})
