/** Drawing one of many by their logits, with the usual knobs and a seed. */
import { softmax, topIndices } from './math.ts'

export interface Sampling {
  /** 0 takes the likeliest. */
  readonly temperature: number
  /** Only the likeliest so many are drawn from. */
  readonly topK: number
  /** Of these only the likeliest that together have this probability; 1 for all. */
  readonly topP: number
}

/** Uniform numbers in [0, 1) from an integer seed (mulberry32): the same seed gives the same sequence. */
export function seededRandom(seed: number): () => number {
  // The generator has 32 bits of state; the bits above them count, too.
  let state = (seed + Math.imul(Math.floor(seed / 4_294_967_296), 0x9e3779b1)) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * @param logits unnormalised; -Infinity is never drawn
 * @param random a number in [0, 1)
 * @returns the index drawn, or -1 where every logit is -Infinity
 */
export function draw(logits: ArrayLike<number>, { temperature, topK, topP }: Sampling, random: number): number {
  const best = topIndices(logits, topK).filter((index) => logits[index] !== Number.NEGATIVE_INFINITY)
  if (temperature === 0 || best.length < 2) return best[0] ?? -1
  const probabilities = softmax(best.map((index) => (logits[index] as number) / temperature))
  const kept = probabilities.subarray(0, nucleusSize(probabilities, topP))
  let left = random * kept.reduce((sum, p) => sum + p, 0)
  const drawn = kept.findIndex((p) => {
    left -= p
    return left < 0
  })
  return best.at(drawn === -1 ? kept.length - 1 : drawn) as number
}

/** How many of falling probabilities it takes to reach `share`. */
function nucleusSize(probabilities: Float64Array, share: number): number {
  let sum = 0
  const last = probabilities.findIndex((p) => {
    sum += p
    return sum >= share
  })
  return last === -1 ? probabilities.length : last + 1
}
