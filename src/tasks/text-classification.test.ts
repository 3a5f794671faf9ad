import { describe, expect, it } from 'vitest'
import { tryTask } from '../../test/support/tasks.ts'
import { naturalLanguageInference, paraphrase, sentiment, textClassification } from './text-classification.ts'

const LABELS = ['a', 'b', 'c']
const trial = { labels: LABELS, logits: () => [[0, Math.log(2), Math.log(5)]] }
const NEEDS_PAIRS = 'must be {text, text_pair}, both not empty: this head compares two texts'

describe('text-classification', () => {
  it('lists all labels by falling softmax, or the first top_k', () => {
    const { answer } = tryTask(sentiment, 'x', {}, trial)
    expect(answer).toEqual([
      { label: 'c', score: expect.closeTo(5 / 8, 6) },
      { label: 'b', score: expect.closeTo(2 / 8, 6) },
      { label: 'a', score: expect.closeTo(1 / 8, 6) },
    ])
    expect(tryTask(sentiment, 'x', { top_k: 2 }, trial).answer).toEqual(answer.slice(0, 2))
  })

  it.each([
    ['sigmoid', [5 / 6, 2 / 3, 1 / 2]],
    ['none', [Math.log(5), Math.log(2), 0]],
    ['default', [5 / 8, 2 / 8, 1 / 8]],
  ])('function_to_apply: %s', (function_to_apply, scores) => {
    const { answer } = tryTask(sentiment, 'x', { function_to_apply }, trial)
    answer.forEach(({ score }: { score: number }, i: number) => {
      expect(score).toBeCloseTo(scores[i] as number, 6)
    })
  })

  it('a single label gets a sigmoid', () => {
    const { answer } = tryTask(sentiment, 'x', {}, { labels: ['only'], logits: () => [[Math.log(3)]] })
    expect(answer).toEqual([{ label: 'only', score: expect.closeTo(0.75, 6) }])
  })

  it('a model without a head for sentiment answers with the first that it has for the task', () => {
    const ownHead = { name: 'intent', task: 'text-classification' }
    expect(tryTask(textClassification, 'x', {}, { ...trial, ownHead }).passes[0]?.reads).toEqual({ intent: 'cls' })
    expect(tryTask(sentiment, 'x', {}, { ...trial, ownHead }).passes[0]?.reads).toEqual({ sentiment: 'cls' })
  })

  it('labels that do not exclude each other get a sigmoid', () => {
    const ownHead = { name: 'intent', task: 'text-classification', isMultiLabel: true }
    const { answer } = tryTask(textClassification, 'x', {}, { ...trial, ownHead })
    expect(answer[0]).toEqual({ label: 'c', score: expect.closeTo(5 / 6, 6) })
  })

  it('takes a pair, as token types 0 and 1', () => {
    const { passes } = tryTask(textClassification, { text: 'x y', text_pair: 'z' }, {}, trial)
    expect(Array.from(passes[0]?.encoding.typeIds ?? [])).toEqual([0, 0, 0, 0, 1, 1])
  })

  it('a head with another number of scores than labels is an error', () => {
    expect(() => tryTask(sentiment, 'x', {}, { ...trial, labels: ['a'] })).toThrow('3 scores for 1 labels')
  })
})

describe.each([paraphrase, naturalLanguageInference])('$name', (task) => {
  it('reads its own head over the pair', () => {
    const { passes } = tryTask(task, { text: 'x', text_pair: 'y' }, {}, trial)
    expect(passes[0]?.reads).toEqual({ [task.name]: 'cls' })
  })

  it.each(['x', { text: 'x' }, { text: 'x', text_pair: '' }, { text: 'x', text_pair: null }])(
    'refuses %j',
    (inputs) => {
      expect(() => tryTask(task, inputs, {}, trial)).toThrow(NEEDS_PAIRS)
    },
  )
})

it('natural language inference takes premise and hypothesis', () => {
  const [named] = tryTask(naturalLanguageInference, { premise: 'x y', hypothesis: 'z' }, {}, trial).passes
  const [plain] = tryTask(naturalLanguageInference, { text: 'x y', text_pair: 'z' }, {}, trial).passes
  expect(named?.encoding.ids).toEqual(plain?.encoding.ids)
  expect(() => tryTask(naturalLanguageInference, { premise: 'x' }, {}, trial)).toThrow()
})
