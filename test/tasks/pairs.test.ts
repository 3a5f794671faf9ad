/** Tasks that compare texts, on the real weights in workerd: next sentence, inference, paraphrase, multiple choice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker, type TestWorker } from '../support/worker.ts'
import { CHOICES } from './choices.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

describe('next-sentence-prediction', () => {
  const ask = (inputs: object) => worker.ask('/v1/tasks/next-sentence-prediction', { inputs })

  test.each([
    ['Paul went shopping.', 'He bought a new shirt.', 'isNext'],
    ['Ramona made coffee.', 'Vanilla ice cream cones for sale.', 'notNext'],
    ['She was hungry.', 'So she made a sandwich.', 'isNext'],
    ['They got married in June.', 'Sodium is a soft metal.', 'notNext'],
  ])('%s %s %s', async (first, second, label) => {
    const labels = await ask({ first, second })
    expect(labels).toHaveLength(2)
    expect(labels[0].label).toBe(label)
    expect(labels[0].score).toBeGreaterThan(labels[1].score)
    expect(labels[0].score + labels[1].score).toBeCloseTo(1, 6)
  })

  test('a list of pairs gives a list of answers, as each alone', async () => {
    const pairs = [
      { first: 'Paul went shopping.', second: 'He bought a new shirt.' },
      { first: 'Ramona made coffee.', second: 'Vanilla ice cream cones for sale.' },
    ]
    expect(await ask(pairs)).toEqual([await ask(pairs[0] as object), await ask(pairs[1] as object)])
  })

  test('sentences of two subjects come apart, in whatever order they come', async () => {
    const lion = ['The lion chased the zebra.', 'The zebra ran away from the lion.']
    const computer = ['My computer is slow.', 'I bought a new computer.']
    const shuffled = [
      [computer[0], lion[1], computer[1], lion[0]],
      [lion[0], computer[0], lion[1], computer[1]],
    ]
    const answers = await Promise.all(shuffled.map((sentences) => ask({ sentences })))
    answers.forEach(({ order, sentences, score }, i) => {
      expect(order.toSorted()).toEqual([0, 1, 2, 3])
      expect(sentences).toEqual(order.map((index: number) => shuffled[i]?.[index]))
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThan(1)
      const subjects = sentences.map((sentence: string) => lion.includes(sentence))
      expect(subjects[0]).toBe(subjects[1])
      expect(subjects[2]).toBe(subjects[3])
    })
    expect(answers[1].sentences).toEqual(answers[0].sentences)
  })
})

describe('natural-language-inference and paraphrase', () => {
  test.each([
    ['A man is playing a guitar.', 'A man is playing an instrument.', 'entailment'],
    ['A man is playing a guitar.', 'Nobody is playing a guitar.', 'contradiction'],
    ['A man is playing a guitar.', 'The man is tall.', 'neutral'],
  ])('%s %s %s', async (premise, hypothesis, label) => {
    const path = '/v1/tasks/natural-language-inference'
    const [labels] = await worker.ask(path, { inputs: { premise, hypothesis } })
    expect(labels[0].label).toBe(label)
    expect(labels).toHaveLength(3)
    const [sameByPair] = await worker.ask(path, { inputs: { text: premise, text_pair: hypothesis } })
    expect(sameByPair).toEqual(labels)
  })

  test.each([
    ['How can I learn English?', 'What is the best way to learn English?', 'paraphrase'],
    ['How can I learn English?', 'Where can I buy a boat?', 'different'],
  ])('%s %s %s', async (text, text_pair, label) => {
    const [labels] = await worker.ask('/v1/tasks/paraphrase', { inputs: { text, text_pair } })
    expect(labels[0].label).toBe(label)
    const [sameByPath] = await worker.ask('/models/multitask-minilm/paraphrase', { inputs: { text, text_pair } })
    expect(sameByPath).toEqual(labels)
  })
})

describe('multiple-choice', () => {
  test('the right choice first, in most of the undisputed examples', async () => {
    const inputs = CHOICES.map(({ context, right, wrong }, i) => {
      // The right choice stands at another place each time.
      return { context, choices: wrong.toSpliced(i % (wrong.length + 1), 0, right) }
    })
    const answers: { choice: string; index: number; score: number }[][] = await worker.ask(
      '/v1/tasks/multiple-choice',
      {
        inputs,
      },
    )
    const wrong = answers.flatMap((ranked, i) => (ranked[0]?.choice === CHOICES[i]?.right ? [] : [CHOICES[i]?.context]))
    expect(CHOICES.length - wrong.length, `wrong: ${wrong.join(' ')}`).toBeGreaterThanOrEqual(42)
    answers.forEach((ranked, i) => {
      expect(ranked.map(({ choice, index }) => inputs[i]?.choices[index] === choice)).not.toContain(false)
      expect(ranked.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6)
      const scores = ranked.map(({ score }) => score)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    })
  })

  test.each([
    ['Where do you go to borrow a book?', 'library', ['restaurant', 'beach', 'garage']],
    [
      'Paul went shopping.',
      'He bought a new shirt.',
      ['Vanilla ice cream cones for sale.', 'He swam across the lake.'],
    ],
  ])('%s %s', async (context, right, wrong) => {
    const [best] = await worker.ask('/v1/tasks/multiple-choice', { inputs: { context, choices: [...wrong, right] } })
    expect(best).toEqual({ choice: right, index: wrong.length, score: expect.any(Number) })
  })
})

type Case = [task: string, inputs: unknown, status: number, message: RegExp]
const bad: Case[] = [
  ['next-sentence-prediction', { first: 'a', second: '' }, 400, /`inputs.second` cannot be empty/],
  ['next-sentence-prediction', { first: 'a' }, 422, /`inputs.second`/],
  ['next-sentence-prediction', 'a', 422, /`inputs` .*expected object/],
  ['next-sentence-prediction', { sentences: ['a'] }, 422, /`inputs.sentences` .*>=2/],
  [
    'next-sentence-prediction',
    { sentences: Array(9).fill('a') },
    422,
    /`inputs.sentences` must have at most 8 elements. Given: 9/,
  ],
  ['natural-language-inference', 'a', 422, /must be \{text, text_pair\}.*compares two texts/],
  ['natural-language-inference', { premise: 'a' }, 422, /`inputs/],
  ['paraphrase', { text: 'a', text_pair: '' }, 422, /must be \{text, text_pair\}.*compares two texts/],
  ['paraphrase', ['a', 'b'], 422, /`inputs\[0\]` must be \{text, text_pair\}/],
  ['multiple-choice', { context: 'a', choices: ['b'] }, 422, /`inputs.choices` .*>=2.*an array of 1/],
  [
    'multiple-choice',
    { context: 'a', choices: Array(101).fill('b') },
    422,
    /`inputs.choices` must have at most 100 elements. Given: 101/,
  ],
  ['multiple-choice', { context: 'a', choices: ['b', ''] }, 400, /`inputs.choices\[1\]` cannot be empty/],
  ['multiple-choice', { context: 'a' }, 422, /`inputs.choices`/],
]

test.each(bad)('%s refuses %j: %i', async (task, inputs, status, message) => {
  const response = await worker.post(`/v1/tasks/${task}`, { inputs })
  const { error } = (await response.json()) as { error: string }
  expect(error).toMatch(message)
  expect(response.status).toBe(status)
})
