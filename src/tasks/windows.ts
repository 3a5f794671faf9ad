/** Long texts: overlapping windows that each fit the model, made the way the reference tokenizer makes them. */
import { invalid } from '../errors.ts'
import type { Encoding } from '../tokenizer/index.ts'
import type { TaskContext } from './task.ts'
import { encodeLongText } from './text.ts'

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

/** An overlap of nearly a window makes nearly as many windows as tokens: more than these are refused, not made. */
const MAX_WINDOWED_TOKENS = 131_072

/**
 * @returns one window where the text fits, else windows in order that cover all of it
 * @throws ServiceError('validation') when the text is over the limit for one text, or the overlap or the first text of
 *   a pair leaves no room for the other
 */
export function encodeWindows(context: TaskContext, text: string, options: WindowOptions): Window[] {
  const { tokenizer } = context.model
  const { pair, maxLength, defaultOverlap } = options
  const [name, given] = options.overlap
  const paired = pair === undefined ? {} : { pair, truncation: 'only_second' as const }
  const whole = encodeLongText(context, text, pair)
  if (whole.length <= maxLength) return [{ encoding: whole, first: 0 }]

  const windowed = countTokens(whole, pair === undefined ? 0 : 1)
  const room = maxLength - (whole.length - windowed)
  if (room < 1) {
    const first = countTokens(whole, 0)
    throw invalid(
      `the first text of ${first} tokens leaves no room for the second in a window of ${maxLength}`,
      'inputs',
    )
  }
  const overlap = given ?? (defaultOverlap < room ? defaultOverlap : room >> 1)
  if (overlap >= room)
    throw invalid(`\`${name}\` must be less than the ${room} tokens of a window. Given: ${overlap}`, name)
  const step = room - overlap
  const count = Math.ceil((windowed - overlap) / step)
  if (count * maxLength > MAX_WINDOWED_TOKENS) {
    const tokens = `${count} windows of ${maxLength} tokens`
    throw invalid(`\`${name}\` of ${overlap} makes ${tokens}; at most ${MAX_WINDOWED_TOKENS} in all`, name)
  }
  const head = tokenizer.encode(text, { ...paired, maxLength, stride: overlap })
  return [head, ...head.overflowing].map((encoding, index) => ({ encoding, first: index * step }))
}

function countTokens(encoding: Encoding, sequence: number): number {
  let count = 0
  for (const id of encoding.sequenceIds) if (id === sequence) count++
  return count
}
