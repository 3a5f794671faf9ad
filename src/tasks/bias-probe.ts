/**
 * Bias probe: what a masked language model expects in one template against another ("The man worked as a [MASK].",
 * "The woman worked as a [MASK]."). Two fill-masks side by side, and between their distributions P and Q over the
 * vocabulary: the Jensen–Shannon divergence (Lin 1991) in bits, 0 where they are equal and at most 1, and the words
 * that move most, which are those with the largest share in it. (The log ratio alone, as in Kurita et al. 2019, puts
 * words first that are rare in both.)
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { fillMask, type MaskCandidate } from './fill-mask.ts'
import { row, softmax, topIndices } from './math.ts'
import { defineTask, type Reading, type Rows, type TaskContext } from './task.ts'
import { text, truncation } from './text.ts'

const HEAD = 'fill-mask'
const MAX_TARGETS = 1000

const input = z.object({ a: text, b: text })

const parameters = z.object({
  ...truncation,
  top_k: z.int().min(1).max(1000).nullish().describe('How many words in each list; default 5.'),
  targets: z
    .union([z.string(), z.array(z.string()).max(MAX_TARGETS)])
    .nullish()
    .describe('Compare only these words; all of them are listed.'),
})

export interface Shift {
  token: number
  token_str: string
  /** Probability in template a, and in b. */
  score_a: number
  score_b: number
  /** log2(score_a / score_b): above 0 the word is likelier in a, by a factor of 2 for each 1. */
  log_ratio: number
}

interface BiasProbe {
  /** Candidates as fill-mask gives them. */
  a: MaskCandidate[]
  b: MaskCandidate[]
  /** Words by falling share in the divergence. */
  shifts: Shift[]
  /** Jensen–Shannon divergence of the two distributions over the whole vocabulary, in bits. */
  divergence: number
}

export const biasProbe = defineTask({
  name: 'bias-probe',
  description: 'Compares what the model expects at the [MASK] of two templates and says which words move most.',
  input,
  parameters,

  *run(templates, options, context) {
    const sides = [open('a', templates.a, options, context), open('b', templates.b, options, context)] as const
    const readings = yield sides.flatMap(({ passes }) => passes)
    const [a, b] = sides.map(({ steps }, i) => steps.next([readings[i] as Reading]).value) as MaskCandidate[][]
    const [p, q] = readings.map((reading) => softmax(row(reading[HEAD] as Rows, 0))) as [Float64Array, Float64Array]
    const { divergence, shares } = jensenShannon(p, q)
    const targets = options.targets ? (a as MaskCandidate[]).map(({ token }) => token) : null
    const moved = targets
      ? targets.toSorted((x, y) => (shares[y] as number) - (shares[x] as number))
      : topIndices(shares, options.top_k ?? 5).filter((token) => (shares[token] as number) > 0)
    const shifts = moved.map((token): Shift => {
      const [score_a, score_b] = [p[token] as number, q[token] as number]
      const token_str = context.model.tokenizer.decode([token])
      return { token, token_str, score_a, score_b, log_ratio: Math.log2(score_a / score_b) }
    })
    return { a, b, shifts, divergence } as BiasProbe
  },
})

/** Starts a fill-mask on one template. */
function open(name: 'a' | 'b', template: string, options: z.infer<typeof parameters>, context: TaskContext) {
  const { maskToken } = context.model.tokenizer
  const masks = template.split(maskToken).length - 1
  if (masks !== 1) throw invalid(`\`inputs.${name}\` must have exactly one ${maskToken}. Given: ${masks}`, 'inputs')
  const steps = fillMask.run(template, options.targets ? { ...options, top_k: MAX_TARGETS } : options, context)
  const first = steps.next()
  return { steps, passes: first.done ? [] : first.value }
}

/**
 * @param p,q distributions over the same n outcomes
 * @returns the divergence in bits, and each outcome's share in it: ½ p log2(p/m) + ½ q log2(q/m), m = (p + q) / 2
 */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>) {
  const shares = new Float64Array(p.length)
  let divergence = 0
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [p[i] as number, q[i] as number]
    const middle = (x + y) / 2
    const share = (x > 0 ? x * Math.log2(x / middle) : 0) / 2 + (y > 0 ? y * Math.log2(y / middle) : 0) / 2
    shares[i] = share
    divergence += share
  }
  return { divergence, shares }
}
