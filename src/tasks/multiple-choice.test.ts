import { describe, expect, it } from 'vitest'
import { tryTask } from '../../test/support/tasks.ts'
import { multipleChoice } from './multiple-choice.ts'

const LABELS = ['isNext', 'notNext', 'different', 'paraphrase']

const ask = (inputs: unknown, logits: number[][], labels = LABELS) =>
  tryTask(multipleChoice, inputs, {}, { labels, logits: (_, index) => [logits[index] as number[]] })

describe('multiple-choice', () => {
  it('ranks the choices by the sum of both heads, one pass for each', () => {
    const { answer, passes } = ask({ context: 'c', choices: ['x', 'y', 'z'] }, [
      [0, 0, 0, 0],
      [1, 1 - Math.log(2), 5, 5],
      [0, 0, -Math.log(2), Math.log(1)],
    ])
    expect(passes).toHaveLength(3)
    expect(passes[0]?.reads).toEqual({ 'next-sentence-prediction': 'cls', paraphrase: 'cls' })
    // Odds 2 from each head for y and z; both heads are read for all.
    expect(answer).toEqual([
      { choice: 'y', index: 1, score: expect.closeTo(0.4, 6) },
      { choice: 'z', index: 2, score: expect.closeTo(0.4, 6) },
      { choice: 'x', index: 0, score: expect.closeTo(0.2, 6) },
    ])
  })

  it('keeps equal choices apart', () => {
    const { answer } = ask({ context: 'c', choices: ['x', 'x'] }, [LABELS.map(() => 0), LABELS.map(() => 0)])
    expect(answer.map(({ index }: { index: number }) => index)).toEqual([0, 1])
  })

  it.each([
    [{ context: 'c', choices: ['x'] }, '2'],
    [{ context: 'c', choices: Array(101).fill('x') }, '100'],
    [{ context: '', choices: ['x', 'y'] }, 'context'],
    [{ context: 'c', choices: ['x', ''] }, 'choices'],
    [{ context: 'c' }, 'choices'],
    ['c', 'expected object'],
  ])('refuses %j', (inputs, message) => {
    expect(() => ask(inputs, [])).toThrow(message)
  })

  it('does not guess what labels mean', () => {
    expect(() => ask({ context: 'c', choices: ['x', 'y'] }, [], ['yes', 'no'])).toThrow(
      'the head next-sentence-prediction needs the labels isNext and notNext; it has yes, no',
    )
  })
})
