/** Tokens of one sequence while it is read: growable columns, reused from text to text. */

const FIRST_CAPACITY = 512
/** A buffer that has grown beyond this is not kept for the next text (4 columns × 4 bytes × 32,768 = 512 KiB). */
const KEPT_CAPACITY = 32_768

export class TokenBuffer {
  length = 0
  /** Words seen so far; a token's word is the value before its word is counted. */
  wordCount = 0
  /** Whether reading stopped at a limit, with text left. */
  stopped = false
  ids = new Int32Array(FIRST_CAPACITY)
  /** UTF-16 offsets into the text. */
  starts = new Int32Array(FIRST_CAPACITY)
  ends = new Int32Array(FIRST_CAPACITY)
  words = new Int32Array(FIRST_CAPACITY)

  /** Appends a token of the present word. */
  push(id: number, start: number, end: number): void {
    const at = this.length
    if (at === this.ids.length) this.#resize(at * 2)
    this.ids[at] = id
    this.starts[at] = start
    this.ends[at] = end
    this.words[at] = this.wordCount
    this.length = at + 1
  }

  reset(): void {
    this.length = 0
    this.wordCount = 0
    this.stopped = false
  }

  /** Empties the buffer and gives back what a long text made it grow to. */
  release(): void {
    this.reset()
    if (this.ids.length > KEPT_CAPACITY) this.#resize(FIRST_CAPACITY)
  }

  get byteLength(): number {
    return this.ids.byteLength * 4
  }

  #resize(capacity: number): void {
    this.ids = resized(this.ids, capacity, this.length)
    this.starts = resized(this.starts, capacity, this.length)
    this.ends = resized(this.ends, capacity, this.length)
    this.words = resized(this.words, capacity, this.length)
  }
}

function resized(column: Int32Array, capacity: number, length: number): Int32Array<ArrayBuffer> {
  const other = new Int32Array(capacity)
  other.set(column.subarray(0, length))
  return other
}
