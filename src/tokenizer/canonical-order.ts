/**
 * Canonical ordering (Unicode Standard, section 3.11) where it can be seen: in runs with a combining mark that accent
 * stripping leaves standing. The reference aligns reordered marks by position, not by identity: the n-th mark after
 * sorting gets the source of the n-th mark before it, and marks that came out of a decomposition share the source of
 * the mark before them. Runs may be as long as the text, so everything here is linear (a counting sort).
 */
import type { CharTable, RunPart } from './normalizer.ts'

/** Takes `entry` (see normalizer.ts) with its source [start, end) in UTF-16 units. */
export type Emit = (entry: number, start: number, end: number) => void

/** Ranks of combining classes are below this. */
const RANKS = 256
/** Runs of so many marks are sorted by comparison: a table of ranks would cost more than they do. */
const FEW = 16

/** The marks of one run in the order of the text. */
class Run {
  readonly marks: RunPart['marks'] = []
  /** Per mark: 1 where it begins what one character of the text decomposes to, 0 where it goes on with it. */
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
  const first = beginningOfRun(table, text, at, from)
  const run = new Run()
  let baseEnd = first
  let i = first
  while (i < to) {
    const codePoint = text.codePointAt(i) as number
    const end = i + (codePoint > 0xffff ? 2 : 1)
    const part = table.runPartOf(codePoint)
    if (!part.isRemoved) {
      if (part.starts && i > first) break
      if (part.starts) baseEnd = end
      else addSource(run, i, end)
      addMarks(run, part)
    }
    i = end
  }
  emitSorted(run, emit, first, baseEnd)
  return i
}

/** Walks back from `at` over marks (and what clean-up removes) to the character that carries them. */
function beginningOfRun(table: CharTable, text: string, at: number, from: number): number {
  let first = at
  for (let i = at; ; i = beginningOfCharacter(text, i)) {
    const part = table.runPartOf(text.codePointAt(i) as number)
    if (!part.isRemoved) first = i
    if (i === from || (part.starts && !part.isRemoved)) return first
  }
}

/** Where the character begins that ends at `end` (> 0). */
function beginningOfCharacter(text: string, end: number): number {
  const isPair = end > 1 && (text.codePointAt(end - 2) as number) > 0xffff
  return end - (isPair ? 2 : 1)
}

function addSource(run: Run, start: number, end: number): void {
  run.starts.push(start)
  run.ends.push(end)
}

function addMarks(run: Run, { starts, marks }: RunPart): void {
  for (let k = 0; k < marks.length; k++) {
    run.marks.push(marks[k] as RunPart['marks'][number])
    run.begins.push(k === 0 && !starts ? 1 : 0)
  }
}

/** @param baseStart source of the character that carries the run, for marks that came out of its own decomposition */
function emitSorted({ marks, begins, starts, ends }: Run, emit: Emit, baseStart: number, baseEnd: number): void {
  let taken = 0
  for (const index of sortedByRank(marks)) {
    taken += begins[index] as number
    const entries = marks[index]?.entries
    if (!entries) continue
    const start = taken > 0 ? (starts[taken - 1] as number) : baseStart
    const end = taken > 0 ? (ends[taken - 1] as number) : baseEnd
    for (const entry of entries) emit(entry, start, end)
  }
}

/** Indices of the marks in the order of their ranks, equal ones as they were. */
function sortedByRank(marks: RunPart['marks']): Iterable<number> {
  if (marks.length > FEW) return countingSort(marks)
  const indices = Array.from(marks, (_, index) => index)
  return indices.sort((a, b) => (marks[a]?.rank as number) - (marks[b]?.rank as number))
}

function countingSort(marks: RunPart['marks']): Int32Array {
  const slots = new Int32Array(RANKS + 1)
  for (const { rank } of marks) slots[rank + 1] = (slots[rank + 1] as number) + 1
  for (let rank = 1; rank < RANKS; rank++) slots[rank] = (slots[rank] as number) + (slots[rank - 1] as number)
  const order = new Int32Array(marks.length)
  for (const [index, { rank }] of marks.entries()) {
    order[slots[rank] as number] = index
    slots[rank] = (slots[rank] as number) + 1
  }
  return order
}
