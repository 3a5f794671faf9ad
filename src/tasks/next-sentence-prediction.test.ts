import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { bestOrder, nextSentencePrediction } from './next-sentence-prediction.ts'
import type { Pass } from './task.ts'

const LABELS = ['isNext', 'notNext']

/** isNext has this logit for a pair of texts, notNext 0. */
function ask(inputs: unknown, isNext: (first: string, second: string) => number, labels = LABELS) {
  return tryTask(nextSentencePrediction, inputs, {}, { labels, logits: (pass) => [[isNext(...textsOf(pass)), 0]] })
}

function textsOf({ encoding }: Pass): [string, string] {
  const side = (s: number) => tokenizer.decode(encoding.ids.filter((_, i) => encoding.sequenceIds[i] === s))
  return [side(0), side(1)]
}

describe('next-sentence-prediction', () => {
  it('ranks the two labels, from one pass over the pair', () => {
    const { answer, passes } = ask({ first: 'a', second: 'b' }, (first) => (first === 'a' ? Math.log(3) : 0))
    expect(answer).toEqual([
      { label: 'isNext', score: expect.closeTo(0.75, 6) },
      { label: 'notNext', score: expect.closeTo(0.25, 6) },
    ])
    expect(passes).toHaveLength(1)
    expect(passes[0]?.reads).toEqual({ 'next-sentence-prediction': 'cls' })
    const [notNext] = ask({ first: 'a', second: 'b' }, () => -1).answer
    expect(notNext.label).toBe('notNext')
  })

  it('orders sentences by who follows whom, whatever order they come in', () => {
    const story = ['one', 'two', 'three', 'four']
    const follows = (first: string, second: string) => (story.indexOf(second) === story.indexOf(first) + 1 ? 4 : -4)
    const { answer, passes } = ask({ sentences: ['three', 'one', 'four', 'two'] }, follows)
    expect(passes).toHaveLength(12)
    expect(answer.order).toEqual([1, 3, 0, 2])
    expect(answer.sentences).toEqual(story)
    expect(answer.score).toBeCloseTo(1 / (1 + Math.exp(-4)), 6)
  })

  it.each([
    [{ first: '', second: 'b' }, 'first'],
    [{ first: 'a' }, 'second'],
    [{ sentences: ['a'] }, '2'],
    [{ sentences: Array(9).fill('a') }, '8'],
    ['a', 'expected object'],
  ])('refuses %j', (inputs, message) => {
    expect(() => ask(inputs, () => 0)).toThrow(message)
  })

  it('does not guess which label means "next"', () => {
    expect(() => ask({ sentences: ['a', 'b'] }, () => 0, ['yes', 'no'])).toThrow('no label "isNext"; it has yes, no')
  })
})

describe('bestOrder', () => {
  const permutations = (n: number): number[][] =>
    n === 0 ? [[]] : permutations(n - 1).flatMap((p) => [...Array(n).keys()].map((i) => p.toSpliced(i, 0, n - 1)))

  it('finds what trying all orders finds', () => {
    for (let n = 2; n <= 6; n++) {
      const edges = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => Math.sin(7 * i + 13 * j + n)),
      )
      const worth = (order: number[]) =>
        order.slice(1).reduce((sum, to, k) => sum + (edges[order[k] as number]?.[to] as number), 0)
      const { order, sum } = bestOrder(edges)
      expect(order.toSorted()).toEqual([...Array(n).keys()])
      expect(worth(order)).toBeCloseTo(sum, 10)
      expect(sum).toBeCloseTo(Math.max(...permutations(n).map(worth)), 10)
    }
  })
})
