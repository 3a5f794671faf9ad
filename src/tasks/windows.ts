/** Long texts: overlapping windows that each fit the model, made the way the reference tokenizer makes them. */
import { invalid } from '../errors.ts'
import type { BertTokenizer, Encoding } from '../tokenizer/index.ts'

export interface Window {
  readonly encoding: Encoding
  /** Where its first token stands among the tokens of the whole text, special tokens not counted. */
  readonly first: number
}

export interface WindowOptions {
  /** The second text of a pair; it is then the one that is windowed, and the first is whole in every window. */
  readonly pair?: string
  /** Tokens of a window, special tokens included. */
  readonly maxLength: number
  /** Tokens that neighbours share, as the caller gave it: `[name of the parameter, value]`. */
  readonly overlap: readonly [string, number | null | undefined]
  /** Overlap when the caller gave none; half a window where it leaves no room. */
  readonly defaultOverlap: number
}

/** An overlap of nearly a window makes nearly as many windows as tokens: more than this are refused, not made. */
const MAX_WINDOWS = 4096

/**
 * @returns one window where the text fits, else windows in order that cover all of it
 * @throws ServiceError('validation') when the overlap or the first text of a pair leaves no room for the other
 */
export function encodeWindows(tokenizer: BertTokenizer, text: string, options: WindowOptions): Window[] {
  const { pair, maxLength, defaultOverlap } = options
  const [name, given] = options.overlap
  const paired = pair === undefined ? {} : { pair, truncation: 'only_second' as const }
  const whole = tokenizer.encode(text, paired)
  if (whole.length <= maxLength) return [{ encoding: whole, first: 0 }]

  const windowed = countTokens(whole, pair === undefined ? 0 : 1)
  const room = maxLength - (whole.length - windowed)
  if (room < 1) throw invalid(`${whole.length - windowed} tokens beside the text leave none of ${maxLength} for it`)
  const overlap = given ?? (defaultOverlap < room ? defaultOverlap : room >> 1)
  if (overlap >= room)
    throw invalid(`\`${name}\` must be less than the ${room} tokens of a window. Given: ${overlap}`, name)
  const step = room - overlap
  const count = Math.ceil((windowed - overlap) / step)
  if (count > MAX_WINDOWS) {
    throw invalid(`\`${name}\` of ${overlap} makes ${count} windows of this text; at most ${MAX_WINDOWS}`, name)
  }
  const head = tokenizer.encode(text, { ...paired, maxLength, stride: overlap })
  return [head, ...head.overflowing].map((encoding, index) => ({ encoding, first: index * step }))
}

function countTokens(encoding: Encoding, sequence: number): number {
  let count = 0
  for (const id of encoding.sequenceIds) if (id === sequence) count++
  return count
}
