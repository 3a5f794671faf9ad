import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import type { Pass } from './task.ts'
import { zeroShotClassification } from './zero-shot-classification.ts'

const NLI = ['contradiction', 'entailment', 'neutral']

/** Entailment logits in the order of the labels; contradiction and neutral are 0. */
function choose(parameters: object, entailments: number[] = [], text = 'a text', labels: readonly string[] = NLI) {
  return tryTask(zeroShotClassification, text, parameters, {
    labels,
    maxLength: 32,
    logits: (_, index) => [labels.map((label) => (label.startsWith('entail') ? (entailments[index] ?? 0) : 0))],
  })
}

function secondText({ encoding }: Pass): string {
  return tokenizer.decode(encoding.ids.filter((_, i) => encoding.sequenceIds[i] === 1))
}

describe('zero-shot-classification', () => {
  it('scores labels against each other, best first', () => {
    const { answer, passes } = choose({ candidate_labels: ['x', 'y', 'z'] }, [0, Math.log(2), 0])
    expect(passes).toHaveLength(3)
    expect(answer[0]).toEqual({ label: 'y', score: expect.closeTo(0.5, 6) })
    expect(answer.reduce((sum: number, { score }: { score: number }) => sum + score, 0)).toBeCloseTo(1, 6)
  })

  it('puts the later of equal labels first, as the reference does', () => {
    const { answer } = choose({ candidate_labels: ['x', 'y', 'z', 'y'] })
    expect(answer.map(({ label }: { label: string }) => label)).toEqual(['y', 'z', 'y', 'x'])
  })

  it.each([
    [{ multi_label: true }, [0.75, 0.5]],
    [{ multi_class: true }, [0.75, 0.5]],
    [{ multi_label: true, multi_class: false }, [0.75, 0.25]],
    [{ multi_label: true, multi_class: null }, [0.75, 0.5]],
    [{ multi_label: false }, [0.75, 0.25]],
  ])('with %j gives scores %j', (flags, scores) => {
    const { answer } = choose({ candidate_labels: ['x', 'y'], ...flags }, [Math.log(3), 0])
    expect(answer.map(({ score }: { score: number }) => score)).toEqual(scores.map((score) => expect.closeTo(score, 6)))
  })

  it('scores a single label against its contradiction', () => {
    expect(choose({ candidate_labels: 'x' }, [Math.log(3)]).answer).toEqual([
      { label: 'x', score: expect.closeTo(0.75, 6) },
    ])
  })

  it('splits a string at its commas and leaves a list alone', () => {
    const labelsOf = (candidate_labels: unknown) =>
      choose({ candidate_labels })
        .answer.map(({ label }: { label: string }) => label)
        .toReversed()
    expect(labelsOf(' a ,b,, c d ,')).toEqual(['a', 'b', 'c d'])
    expect(labelsOf([' a ', 'b,c', ''])).toEqual([' a ', 'b,c', ''])
  })

  it.each([[[]], [''], [' , ,']])('refuses %j for labels', (candidate_labels) => {
    expect(() => choose({ candidate_labels })).toThrow('You must include at least one label and at least one sequence.')
  })

  it('refuses no labels, too many, and ones that are too long', () => {
    expect(() => choose({})).toThrow('candidate_labels')
    expect(() => choose({ candidate_labels: Array(1001).fill('x') })).toThrow('1000 items')
    expect(() => choose({ candidate_labels: 'x,'.repeat(1001) })).toThrow('at most 1000 elements. Given: 1001')
    expect(() => choose({ candidate_labels: Array(300_000).fill(1) })).toThrow('1000 items')
    expect(() => choose({ candidate_labels: ['x '.repeat(40)] })).toThrow('at most 28 tokens. Given: 44')
  })

  it.each([
    ['It is {}', 'it is x'],
    ['{0}!', 'x!'],
    ['{}', 'x'],
    ['{} {}', 'x x'],
    ['{{}} {}', '{ } x'],
    ['{a} {}', '{ a } x'],
  ])('fills the template %j', (hypothesis_template, hypothesis) => {
    const { passes } = choose({ candidate_labels: ['x'], hypothesis_template })
    expect(passes.map(secondText)).toEqual([`${hypothesis} [SEP]`.replace(' [SEP]', '')])
  })

  it('takes labels literally', () => {
    const { passes } = choose({ candidate_labels: ['$&', '{}'], hypothesis_template: 'is {}' })
    expect(passes.map(secondText)).toEqual(['is $ &', 'is { }'])
  })

  it.each(['', 'no slot', '{{}}', '{1}'])('refuses the template %j', (hypothesis_template) => {
    expect(() => choose({ candidate_labels: ['x'], hypothesis_template })).toThrow('hypothesis_template')
  })

  it('refuses a template without a slot by its beginning', () => {
    const refuse = () => choose({ candidate_labels: ['x'], hypothesis_template: 'no slot '.repeat(500) })
    expect(refuse).toThrow(/^The provided hypothesis_template "(no slot ){5}…" was not able/)
  })

  it('refuses what is too long for any pass before it is filled in', () => {
    const fill = (label: string, hypothesis_template: string) => () =>
      choose({ candidate_labels: [label, 'x'], hypothesis_template })
    expect(fill('x', `${'a'.repeat(4095)}{}`)).toThrow('4096')
    const most = 'a label in its template must have at most 4096 characters. Given:'
    expect(fill('a'.repeat(100_000), '{}'.repeat(2048))).toThrow(`${most} 204800000`)
    expect(fill('a'.repeat(100_000), 'a {0}')).toThrow(`${most} 100002`)
    // One word of no token counts as one, however long it is.
    expect(fill('a'.repeat(4000), 'a {}')().passes).toHaveLength(2)
  })

  it('cuts only the text, and says so once', () => {
    for (const truncation_direction of ['right', 'left', 'Left']) {
      const parameters = { candidate_labels: ['x', 'y', 'z'], truncation_direction }
      const { passes, truncated } = choose(parameters, [], `first ${'word '.repeat(100)}last`)
      expect(truncated).toBe(1)
      expect(passes.map(({ encoding }) => encoding.length)).toEqual([32, 32, 32])
      expect(passes.map(secondText)).toEqual(['this example is x.', 'this example is y.', 'this example is z.'])
      const kept = tokenizer.decode(passes[0]?.encoding.ids ?? [])
      expect([kept.includes('first'), kept.includes('last')]).toEqual(
        truncation_direction === 'right' ? [true, false] : [false, true],
      )
    }
    expect(choose({ candidate_labels: ['x', 'y'] }).truncated).toBe(0)
  })

  it('leaves a hypothesis whole that is longer than what it leaves of the text', () => {
    const label = 'word '.repeat(22).trim()
    const { passes } = choose({ candidate_labels: [label], hypothesis_template: '{}' }, [], 'text '.repeat(100))
    expect(passes.map(secondText)).toEqual([label])
    expect(passes[0]?.encoding.length).toBe(32)
  })

  it('refuses to cut with both numbers when told not to', () => {
    const parameters = { candidate_labels: ['x'], truncate: false }
    expect(() => choose(parameters, [], 'word '.repeat(100))).toThrow('at most 32 tokens. Given: 108')
  })

  it('finds entailment by its name and never guesses', () => {
    const parameters = { candidate_labels: ['x', 'y'], multi_label: true }
    expect(choose(parameters, [5, 0], 'a', ['entailment', 'neutral', 'contradiction']).answer[0].label).toBe('x')
    expect(() => choose(parameters, [], 'a', ['no', 'yes'])).toThrow('labels are no, yes')
  })

  it.each([' ', '\u0000'])('answers text that cleans up to nothing (%j)', (text) => {
    expect(choose({ candidate_labels: ['x', 'y'] }, [], text).answer).toHaveLength(2)
  })

  it('refuses an empty text', () => {
    expect(() => choose({ candidate_labels: ['x'] }, [], '')).toThrow('cannot be empty')
  })
})
