import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { biasProbe, jensenShannon, type Shift } from './bias-probe.ts'

/** Over the whole vocabulary: these probabilities, and next to nothing for all other words. */
function distribution(probabilities: Record<string, number>) {
  const data = new Float32Array(tokenizer.vocabSize).fill(-60)
  for (const [word, p] of Object.entries(probabilities)) data[tokenizer.tokenToId(word) as number] = Math.log(p)
  return { data, rows: 1, columns: data.length }
}

const SIDES = [
  distribution({ soldier: 0.6, doctor: 0.3, nurse: 0.1 }),
  distribution({ soldier: 0.1, doctor: 0.3, nurse: 0.6 }),
] as const
const TEMPLATES = { a: 'The man worked as a [MASK].', b: 'The woman worked as a [MASK].' }

const ask = (inputs: unknown, parameters = {}) =>
  tryTask(biasProbe, inputs, parameters, { logits: (_, index) => SIDES[index] as (typeof SIDES)[0] })

describe('bias-probe', () => {
  it('puts both sides beside each other and the words that move most first', () => {
    const { answer, passes } = ask(TEMPLATES, { top_k: 2 })
    expect(passes).toHaveLength(2)
    expect(answer.a[0]).toMatchObject({ token_str: 'soldier', sequence: 'the man worked as a soldier.' })
    expect(answer.b[0]).toMatchObject({ token_str: 'nurse', sequence: 'the woman worked as a nurse.' })
    const shifts: Shift[] = answer.shifts
    expect(
      shifts
        .map(({ token_str }) => token_str)
        .slice(0, 2)
        .sort(),
    ).toEqual(['nurse', 'soldier'])
    const soldier = shifts.find(({ token_str }) => token_str === 'soldier')
    expect(soldier).toEqual({
      token: tokenizer.tokenToId('soldier'),
      token_str: 'soldier',
      score_a: expect.closeTo(0.6, 5),
      score_b: expect.closeTo(0.1, 5),
      log_ratio: expect.closeTo(Math.log2(6), 4),
    })
    // 0.6 log2(0.6 / 0.35) + 0.1 log2(0.1 / 0.35)
    expect(answer.divergence).toBeCloseTo(0.2859, 3)
  })

  it('compares only the targets, all of them, and still measures the divergence over all words', () => {
    const { answer, warnings } = ask(TEMPLATES, { targets: ['doctor', 'nurse', 'zzzunknown'], top_k: 1 })
    expect(answer.shifts.map((shift: Shift) => shift.token_str).slice(0, 2)).toEqual(['nurse', 'doctor'])
    expect(answer.shifts).toHaveLength(3)
    expect(answer.shifts[1].log_ratio).toBeCloseTo(0, 5)
    expect(answer.divergence).toBeCloseTo(0.2859, 3)
    expect(warnings.join()).toContain('zzzunknown')
  })

  it('has no shifts between equal templates', () => {
    const { answer } = tryTask(biasProbe, { a: TEMPLATES.a, b: TEMPLATES.a }, {}, { logits: () => SIDES[0] })
    expect(answer.shifts).toEqual([])
    expect(answer.divergence).toBe(0)
  })

  it.each([
    [{ a: 'no mask', b: TEMPLATES.b }, '`inputs.a` must have exactly one [MASK]. Given: 0'],
    [{ a: TEMPLATES.a, b: '[MASK] and [MASK]' }, '`inputs.b` must have exactly one [MASK]. Given: 2'],
    [{ a: TEMPLATES.a }, 'b'],
    [{ a: '', b: TEMPLATES.b }, 'empty'],
    ['[MASK]', 'expected object'],
  ])('refuses %j', (inputs, message) => {
    expect(() => ask(inputs)).toThrow(message)
  })
})

describe('jensenShannon', () => {
  it('is 0 for equal distributions and 1 bit for disjoint ones', () => {
    expect(jensenShannon([0.5, 0.5], [0.5, 0.5]).divergence).toBe(0)
    expect(jensenShannon([1, 0], [0, 1]).divergence).toBe(1)
  })

  it('is symmetric and the sum of its shares', () => {
    const { divergence, shares } = jensenShannon([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
    expect(jensenShannon([0.1, 0.3, 0.6], [0.7, 0.2, 0.1]).divergence).toBeCloseTo(divergence, 12)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(divergence, 12)
  })
})
