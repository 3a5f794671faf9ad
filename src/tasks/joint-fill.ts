/**
 * Fills several masks with words that go together: a beam search from left to right, where each mask is read with
 * those before it filled in. A score is the product of the probabilities along the way (the chain rule, as far as a
 * model that also reads the open masks to the right can follow it).
 */
import { invalid } from '../errors.ts'
import type { Encoding } from '../tokenizer/index.ts'
import { likeliest, row, softmax, topIndices } from './math.ts'
import type { Rows, Steps } from './task.ts'

/** Encoder passes for one text. */
const MAX_PASSES = 128

export interface JointFill {
  /** In (0, 1]. */
  readonly score: number
  /** Token ids, one for each mask in order. */
  readonly tokens: readonly number[]
  /** The text with all of them in. */
  readonly encoding: Encoding
}

/**
 * One for the first mask, then one for each beam.
 * @throws ServiceError('validation') with the numbers when so many masks and candidates would take too many
 */
export function passesOf(masks: number, width: number): number {
  const passes = 1 + width * (masks - 1)
  if (passes <= MAX_PASSES) return passes
  const most = Math.floor((MAX_PASSES - 1) / (masks - 1))
  throw invalid(`\`top_k\` must be at most ${most} for ${masks} masks at once. Given: ${width}`, 'top_k')
}

/**
 * Takes `passesOf` its masks and width, which whoever calls it has limited.
 * @param positions of the masks, ascending
 * @param targets ids that may be filled in; null for all
 * @returns at most `width` fills, best first
 */
export function* fillJointly(
  head: string,
  encoding: Encoding,
  positions: readonly number[],
  width: number,
  targets: readonly number[] | null,
): Steps<JointFill[]> {
  let beams: JointFill[] = [{ score: 1, tokens: [], encoding }]
  for (const position of positions) {
    const readings = yield beams.map((beam) => ({ encoding: beam.encoding, reads: { [head]: [position] } }))
    const grown = readings.flatMap((reading, b) => {
      const { score, tokens } = beams[b] as JointFill
      const probabilities = softmax(row(reading[head] as Rows, 0))
      const ids = likeliest(probabilities, width, targets)
      return ids.map((id) => ({ b, score: score * (probabilities[id] as number), tokens: [...tokens, id] }))
    })
    const scores = grown.map(({ score }) => score)
    beams = topIndices(scores, width).map((index) => {
      const { b, score, tokens } = grown[index] as (typeof grown)[number]
      const filled = (beams[b] as JointFill).encoding.fill(position, tokens.at(-1) as number)
      return { score, tokens, encoding: filled }
    })
  }
  return beams
}
