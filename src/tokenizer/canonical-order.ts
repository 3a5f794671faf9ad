/**
 * Canonical ordering (Unicode Standard, section 3.11) where it can be seen: in runs with a combining mark that accent
 * stripping leaves standing. The reference aligns reordered marks by position, not by identity: the n-th mark after
 * sorting gets the source of the n-th mark before it, and marks that came out of a decomposition share the source of
 * the mark before them. Runs may be as long as the text, so everything here is linear (a counting sort).
 */
import type { CharTable } from './normalizer.ts'
import { unicode } from './unicode.ts'

/** Takes `entry` (see normalizer.ts) with its source [start, end) in UTF-16 units. */
export type Emit = (entry: number, start: number, end: number) => void

/** The marks of one run in the order of the text. */
class Run {
  readonly marks: number[] = []
  readonly ranks: number[] = []
  /** 1 where a mark begins what one character of the text decomposes to, 0 where it goes on with it. */
  readonly begins: number[] = []
  /** Sources of the characters that begin something, in the order of the text. */
  readonly starts: number[] = []
  readonly ends: number[] = []
}

/**
 * Handles the run of marks around `at`, where a RUN entry stands: emits those that survive, in canonical order.
 * @param from where the segment begins; characters before it are never looked at
 * @param to where the segment ends
 * @returns where the run ends
 */
export function emitRun(table: CharTable, text: string, at: number, from: number, to: number, emit: Emit): number {
  let i = beginningOfRun(table, text, at, from)
  let base = i
  const run = new Run()
  for (let first = true; i < to; first = false) {
    const codePoint = text.codePointAt(i) as number
    const end = i + (codePoint > 0xffff ? 2 : 1)
    if (!table.isRemoved(codePoint)) {
      const { starts, marks } = split(codePoint)
      if (starts && !first) break
      if (starts) base = end
      else {
        run.starts.push(i)
        run.ends.push(end)
      }
      for (let k = 0; k < marks.length; k++) {
        run.marks.push(marks[k] as number)
        run.ranks.push(unicode().combiningRank(marks[k] as number))
        run.begins.push(k === 0 && !starts ? 1 : 0)
      }
    }
    i = end
  }
  emitSorted(table, run, emit, beginningOfCharacter(text, base), base)
  return i
}

/** Walks back from `at` over marks (and what clean-up removes) to the character that carries them. */
function beginningOfRun(table: CharTable, text: string, at: number, from: number): number {
  let i = at
  while (i > from && !split(text.codePointAt(i) as number).starts) {
    let previous = beginningOfCharacter(text, i)
    while (previous > from && table.isRemoved(text.codePointAt(previous) as number)) {
      previous = beginningOfCharacter(text, previous)
    }
    if (table.isRemoved(text.codePointAt(previous) as number)) break
    i = previous
  }
  return i
}

/** Where the character begins that ends at `end` (> 0). */
function beginningOfCharacter(text: string, end: number): number {
  const isPair = end > 1 && (text.codePointAt(end - 2) as number) > 0xffff
  return end - (isPair ? 2 : 1)
}

/** Whether a character's decomposition starts with a starter, and the marks that it ends with. */
function split(codePoint: number): { starts: boolean; marks: number[] } {
  const decomposed: number[] = []
  unicode().decompose(codePoint, decomposed)
  const firstMark = decomposed.findIndex((one) => unicode().combiningRank(one) > 0)
  return { starts: firstMark !== 0, marks: firstMark < 0 ? [] : decomposed.slice(firstMark) }
}

function emitSorted(table: CharTable, run: Run, emit: Emit, baseStart: number, baseEnd: number): void {
  let taken = 0
  for (const index of sortedByRank(run.ranks)) {
    taken += run.begins[index] as number
    const mark = run.marks[index] as number
    if (unicode().isMark(mark)) continue
    const start = taken > 0 ? (run.starts[taken - 1] as number) : baseStart
    const end = taken > 0 ? (run.ends[taken - 1] as number) : baseEnd
    for (const entry of table.entriesOfDecomposed(mark)) emit(entry, start, end)
  }
}

/** Indices 0..ranks.length - 1 in the order of their ranks, equal ones as they were. Ranks are below 256. */
function sortedByRank(ranks: readonly number[]): Int32Array {
  const slots = new Int32Array(257)
  for (const rank of ranks) slots[rank + 1] = (slots[rank + 1] as number) + 1
  for (let rank = 1; rank < slots.length; rank++) {
    slots[rank] = (slots[rank] as number) + (slots[rank - 1] as number)
  }
  const order = new Int32Array(ranks.length)
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i] as number
    order[slots[rank] as number] = i
    slots[rank] = (slots[rank] as number) + 1
  }
  return order
}
