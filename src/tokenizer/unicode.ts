/**
 * What the reference knows of a code point: the tables of unicode-tables.ts, opened when first used (about 1 ms) and
 * searched by bisection. Slow on purpose and small: char-table.ts asks once per code point and keeps the answer.
 */
import * as tables from './unicode-tables.ts'

/** Sorted, disjoint ranges [starts[i], ends[i]) with a value each. */
interface Ranges {
  starts: Int32Array
  ends: Int32Array
  values: Int32Array
}

/** Code points `keys` (sorted), the i-th of which maps to values[offsets[i]..offsets[i + 1]). */
interface Mapping {
  keys: Int32Array
  offsets: Int32Array
  values: Int32Array
}

/** LEB128 numbers of a base64 string. */
function numbersOf(base64: string): number[] {
  const bytes = atob(base64)
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i)
    value |= (byte & 127) << shift
    shift += 7
    if (byte < 128) {
      numbers.push(value)
      value = 0
      shift = 0
    }
  }
  return numbers
}

function rangesOf(base64: string, fields: 2 | 3): Ranges {
  const numbers = numbersOf(base64)
  const count = numbers.length / fields
  const ranges = { starts: new Int32Array(count), ends: new Int32Array(count), values: new Int32Array(count) }
  let end = 0
  for (let i = 0; i < count; i++) {
    const start = end + (numbers[i * fields] as number)
    end = start + (numbers[i * fields + 1] as number)
    ranges.starts[i] = start
    ranges.ends[i] = end
    ranges.values[i] = fields === 3 ? (numbers[i * fields + 2] as number) : 1
  }
  return ranges
}

function mappingOf(base64: string): Mapping {
  const numbers = numbersOf(base64)
  const keys: number[] = []
  const offsets: number[] = [0]
  const values: number[] = []
  let key = 0
  for (let i = 0; i < numbers.length; ) {
    key += numbers[i++] as number
    const last = i + 1 + (numbers[i++] as number)
    for (; i < last; i++) {
      const difference = numbers[i] as number
      values.push(key + ((difference >>> 1) ^ -(difference & 1)))
    }
    keys.push(key)
    offsets.push(values.length)
  }
  return { keys: Int32Array.from(keys), offsets: Int32Array.from(offsets), values: Int32Array.from(values) }
}

/** Index of the last element that is at most `value`, or -1. */
function lastAtMost(sorted: Int32Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

function valueIn(ranges: Ranges, codePoint: number): number {
  const i = lastAtMost(ranges.starts, codePoint)
  return i >= 0 && codePoint < (ranges.ends[i] as number) ? (ranges.values[i] as number) : 0
}

const HANGUL_FIRST = 0xac00
const HANGUL_COUNT = 11172

/** Appends the full canonical decomposition of a Hangul syllable (Unicode Standard, section 3.12). */
function decomposeHangul(index: number, out: number[]): void {
  out.push(0x1100 + Math.floor(index / 588), 0x1161 + Math.floor((index % 588) / 28))
  if (index % 28 > 0) out.push(0x11a7 + (index % 28))
}

class Unicode {
  readonly #removed = rangesOf(tables.REMOVED, 2)
  readonly #whiteSpace = rangesOf(tables.WHITE_SPACE, 2)
  readonly #punctuation = rangesOf(tables.PUNCTUATION, 2)
  readonly #chinese = rangesOf(tables.CHINESE, 2)
  readonly #marks = rangesOf(tables.MARKS, 2)
  readonly #combining = rangesOf(tables.COMBINING, 3)
  readonly #decomposition = mappingOf(tables.DECOMPOSITION)
  readonly #lowercase = mappingOf(tables.LOWERCASE)

  /** Clean-up drops it. Lone surrogates, which the reference can't be given, count as control characters. */
  isRemoved(codePoint: number): boolean {
    return valueIn(this.#removed, codePoint) > 0 || isSurrogate(codePoint)
  }
  isWhiteSpace(codePoint: number): boolean {
    return valueIn(this.#whiteSpace, codePoint) > 0
  }
  isPunctuation(codePoint: number): boolean {
    return valueIn(this.#punctuation, codePoint) > 0
  }
  isChinese(codePoint: number): boolean {
    return valueIn(this.#chinese, codePoint) > 0
  }
  /** A non-spacing mark (Mn), in the age of Unicode that the reference knows. */
  isMark(codePoint: number): boolean {
    return valueIn(this.#marks, codePoint) > 0
  }
  /** Rank of the canonical combining class among all classes, 0 for starters. Ranks sort as the classes do. */
  combiningRank(codePoint: number): number {
    return valueIn(this.#combining, codePoint)
  }

  /** Appends the full canonical decomposition (NFD), not yet in canonical order. */
  decompose(codePoint: number, out: number[]): void {
    const index = codePoint - HANGUL_FIRST
    if (index >= 0 && index < HANGUL_COUNT) decomposeHangul(index, out)
    else appendMapped(this.#decomposition, codePoint, out)
  }
  /** Appends the lower case of one code point, without context: Σ is always σ. */
  lowercase(codePoint: number, out: number[]): void {
    appendMapped(this.#lowercase, codePoint, out)
  }
}

function appendMapped(mapping: Mapping, codePoint: number, out: number[]): void {
  const i = lastAtMost(mapping.keys, codePoint)
  if (i < 0 || mapping.keys[i] !== codePoint) {
    out.push(codePoint)
    return
  }
  const end = mapping.offsets[i + 1] as number
  for (let k = mapping.offsets[i] as number; k < end; k++) out.push(mapping.values[k] as number)
}

/** A code unit that is half of a pair (or stands alone: then it is no character). */
export function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint < 0xe000
}

/** Bytes of the tables, opened or not: their text, and the arrays made of it. For the isolate's budget. */
export const UNICODE_BYTES = 100_000

let opened: Unicode | undefined

/** The tables, opened once per isolate. */
export function unicode(): Unicode {
  opened ??= new Unicode()
  return opened
}
