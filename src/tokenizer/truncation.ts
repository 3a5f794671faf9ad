/** How many tokens each sequence keeps, and how the rest is cut into windows (the reference's utils/truncation.rs). */

/** Which sequence gives way: the longer one first, or only the named one. */
export type Truncation = 'longest_first' | 'only_first' | 'only_second'

/** A window [from, to) of a sequence's tokens. */
export type Window = readonly [from: number, to: number]

/** Special tokens that BERT's template adds to a single sequence and to a pair. */
export const ADDED_SINGLE = 2
export const ADDED_PAIR = 3

/** The tokens that each sequence may keep. Second is 0 when there is none. */
export interface Shares {
  first: number
  second: number
}

/**
 * @returns tokens that maxLength leaves for the sequences themselves
 * @throws RangeError when there is no room for the special tokens, or a window could never be above the stride. As the
 * reference, which compares the stride with a single sequence's room also where there is a pair or no special token.
 */
export function roomFor(maxLength: number, stride: number, isPair: boolean, addSpecialTokens: boolean): number {
  if (!Number.isInteger(stride) || stride < 0) throw new RangeError(`stride must be an integer ≥ 0. Given: ${stride}`)
  const added = !addSpecialTokens ? 0 : isPair ? ADDED_PAIR : ADDED_SINGLE
  if (!Number.isInteger(maxLength) || maxLength < added) {
    throw new RangeError(`maxLength must be at least ${added}, the number of special tokens. Given: ${maxLength}`)
  }
  const room = maxLength - ADDED_SINGLE
  if (room >= 0 && stride > room) throw new RangeError(`stride must be below the window of ${room}. Given: ${stride}`)
  return maxLength - added
}

/**
 * @param first tokens of the first sequence
 * @param second tokens of the second one; null when there is none
 * @param most tokens for both together, special tokens not counted
 * @throws RangeError when the sequence named by an only_… strategy is missing or too short to give way.
 */
export function sharesOf(first: number, second: number | null, most: number, strategy: Truncation): Shares {
  const other = second ?? 0
  if (first + other <= most) return { first, second: other }
  if (most === 0) return { first: 0, second: 0 }
  if (strategy === 'only_first') return { first: leftFor(first, other, most, strategy), second: other }
  if (strategy === 'only_second') {
    if (second === null) throw new RangeError(`truncation only_second needs a pair; ${first} tokens are over ${most}`)
    return { first, second: leftFor(second, first, most, strategy) }
  }
  return second === null ? { first: most, second: 0 } : longestFirst(first, second, most)
}

function leftFor(length: number, other: number, most: number, strategy: Truncation): number {
  if (most - other > 0) return most - other
  throw new RangeError(
    `truncation ${strategy}: a sequence of ${length} tokens can't be cut to fit, ` +
      `the other one has at least ${other} of at most ${most} tokens`,
  )
}

/** Both over half: half each, and the odd token to the longer one. Otherwise the shorter one stays whole. */
function longestFirst(first: number, second: number, most: number): Shares {
  const shorter = Math.min(first, second)
  const half = Math.floor(most / 2)
  const [short, long] = shorter <= half ? [shorter, most - shorter] : [half, most - half]
  return first > second ? { first: long, second: short } : { first: short, second: long }
}

/**
 * Windows over a sequence, the kept one first. Neighbours share `stride` tokens.
 * @param length tokens of the sequence
 * @param share tokens of a window
 * @throws RangeError when windows would not move on: share must be above stride.
 */
export function windowsOf(length: number, share: number, stride: number, direction: 'left' | 'right'): Window[] {
  if (share >= length) return [[0, length]]
  if (share === 0) {
    return [
      [0, 0],
      [0, length],
    ]
  }
  if (stride >= share) {
    throw new RangeError(`stride must be below the ${share} tokens that a window has left. Given: ${stride}`)
  }
  const windows: Window[] = []
  const step = share - stride
  if (direction === 'right') {
    for (let from = 0; ; from += step) {
      windows.push([from, Math.min(from + share, length)])
      if (from + share >= length) return windows
    }
  }
  for (let to = length; ; to -= step) {
    windows.push([Math.max(to - share, 0), to])
    if (to - share <= 0) return windows
  }
}
