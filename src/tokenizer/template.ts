/** BERT's template (Devlin et al. 2019, figure 2): [CLS] first [SEP], or [CLS] first [SEP] second [SEP]. */
import { Encoding } from './encoding.ts'
import type { TokenBuffer } from './token-buffer.ts'
import { ADDED_PAIR, ADDED_SINGLE, type Shares, type Window, windowsOf } from './truncation.ts'

/** Ids of [CLS] and [SEP]; null leaves them out. */
export type Special = { cls: number; sep: number } | null

/** One window of a sequence's tokens. */
interface Part {
  tokens: TokenBuffer
  window: Window
}

/** The encoding of a text or pair that is not cut. */
export function assembleWhole(first: TokenBuffer, second: TokenBuffer | null, special: Special): Encoding {
  const whole = (tokens: TokenBuffer): Part => ({ tokens, window: [0, tokens.length] })
  return assemble(whole(first), second && whole(second), special, false, [])
}

/**
 * The encoding of the first windows. With a stride the other windows overflow, in the reference's order (Encoding::merge):
 * each later window of the first sequence with all of the second, then the first one with the second's later ones.
 */
export function assembleWindows(
  first: TokenBuffer,
  second: TokenBuffer | null,
  special: Special,
  shares: Shares,
  stride: number | undefined,
  direction: 'left' | 'right',
): Encoding {
  const cut = (tokens: TokenBuffer, share: number): Part[] =>
    windowsOf(tokens.length, share, stride ?? 0, direction).map((window) => ({ tokens, window }))
  const [firstHead, ...firstRest] = cut(first, shares.first) as [Part, ...Part[]]
  const seconds = second ? cut(second, shares.second) : [null]
  const [secondHead, ...secondRest] = seconds as [Part | null, ...Part[]]
  const isCut = firstRest.length + secondRest.length > 0
  if (stride === undefined) return assemble(firstHead, secondHead, special, isCut, [])
  const overflowing = [
    ...firstRest.flatMap((a) => seconds.map((b) => assemble(a, b, special, false, []))),
    ...secondRest.map((b) => assemble(firstHead, b, special, false, [])),
  ]
  return assemble(firstHead, secondHead, special, false, overflowing)
}

function assemble(
  first: Part,
  second: Part | null,
  special: Special,
  truncated: boolean,
  overflowing: Encoding[],
): Encoding {
  const firstLength = first.window[1] - first.window[0]
  const secondLength = second ? second.window[1] - second.window[0] : -1
  const added = special === null ? 0 : second ? ADDED_PAIR : ADDED_SINGLE
  const length = firstLength + Math.max(0, secondLength) + added
  const columns = new Int32Array(4 * length)
  copy(columns, length, special ? 1 : 0, first)
  if (second) copy(columns, length, firstLength + (special ? 2 : 0), second)
  if (special) {
    put(columns, length, 0, special.cls)
    put(columns, length, firstLength + 1, special.sep)
    if (second) put(columns, length, length - 1, special.sep)
  }
  return new Encoding(columns, { special: special !== null, firstLength, secondLength }, truncated, overflowing)
}

/** Columns stand one after the other (see Encoding); row `at` and on take the part. */
function copy(columns: Int32Array, length: number, at: number, { tokens, window: [from, to] }: Part): void {
  const { ids, starts, ends, words } = tokens
  for (let i = from, row = at; i < to; i++, row++) {
    columns[row] = ids[i] as number
    columns[length + row] = starts[i] as number
    columns[2 * length + row] = ends[i] as number
    columns[3 * length + row] = words[i] as number
  }
}

function put(columns: Int32Array, length: number, row: number, id: number): void {
  columns[row] = id
  columns[3 * length + row] = -1
}
