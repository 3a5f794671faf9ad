/** Where the parts of an encoding are: [CLS] first [SEP] second [SEP], without the brackets when `special` is false. */
export interface Layout {
  special: boolean
  firstLength: number
  /** -1 when there is no second sequence; one of length 0 still brings its [SEP]. */
  secondLength: number
}

/**
 * What a text (or pair, or a window of it) became. All columns have `length` rows; row i is one token. The columns that
 * follow from the layout are made when first asked for.
 */
export class Encoding {
  readonly length: number
  readonly ids: Int32Array
  /**
   * Source of each token: UTF-16 code units [starts, ends) of its own sequence's original text. 0, 0 for special tokens
   * that the template added.
   */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** Index of the token's word in its sequence (white space separates words, punctuation is one each); -1 for none. */
  readonly wordIds: Int32Array
  /** The other windows, in the reference's order; filled when a stride was asked for. Windows have none themselves. */
  readonly overflowing: Encoding[]
  /** Whether tokens were cut off that are in no window either. */
  readonly truncated: boolean
  readonly #layout: Layout
  #typeIds: Int32Array | undefined
  #sequenceIds: Int8Array | undefined
  #specialTokensMask: Uint8Array | undefined

  /** @param columns [4 * length] ids, starts, ends, word ids, one column after the other */
  constructor(columns: Int32Array, layout: Layout, truncated: boolean, overflowing: Encoding[]) {
    const length = columns.length / 4
    this.length = length
    this.ids = columns.subarray(0, length)
    this.starts = columns.subarray(length, 2 * length)
    this.ends = columns.subarray(2 * length, 3 * length)
    this.wordIds = columns.subarray(3 * length)
    this.overflowing = overflowing
    this.truncated = truncated
    this.#layout = layout
  }

  /** 0 for the first sequence with its [CLS] and [SEP], 1 for the second with its [SEP]. */
  get typeIds(): Int32Array {
    this.#typeIds ??= new Int32Array(this.length).fill(1, this.#secondStart)
    return this.#typeIds
  }

  /** 0 or 1 for the tokens of a sequence, -1 for special tokens that the template added. */
  get sequenceIds(): Int8Array {
    const { firstLength, special } = this.#layout
    this.#sequenceIds ??= new Int8Array(this.length)
      .fill(-1)
      .fill(0, Number(special), Number(special) + firstLength)
      .fill(1, this.#secondStart, this.#secondEnd)
    return this.#sequenceIds
  }

  /** 1 for special tokens that the template added; those that stood in the text are 0, as in the reference. */
  get specialTokensMask(): Uint8Array {
    this.#specialTokensMask ??= Uint8Array.from(this.sequenceIds, (sequence) => (sequence < 0 ? 1 : 0))
    return this.#specialTokensMask
  }

  /** Rows, ascending, of the tokens with this id. */
  positionsOf(id: number): number[] {
    const rows: number[] = []
    for (let row = this.ids.indexOf(id); row >= 0; row = this.ids.indexOf(id, row + 1)) rows.push(row)
    return rows
  }

  /**
   * A copy of the ids with another id in one row.
   * @throws RangeError when there is no such row.
   */
  withId(row: number, id: number): Int32Array {
    if (!(row >= 0 && row < this.length)) throw new RangeError(`row must be in 0..${this.length - 1}. Given: ${row}`)
    const ids = this.ids.slice()
    ids[row] = id
    return ids
  }

  /**
   * The same encoding with another id in one row.
   * @throws RangeError when there is no such row.
   */
  fill(row: number, id: number): Encoding {
    const columns = new Int32Array(4 * this.length)
    columns.set(this.withId(row, id))
    columns.set(this.starts, this.length)
    columns.set(this.ends, 2 * this.length)
    columns.set(this.wordIds, 3 * this.length)
    return new Encoding(columns, this.#layout, this.truncated, [])
  }

  get #secondStart(): number {
    const { special, firstLength, secondLength } = this.#layout
    return secondLength < 0 ? this.length : firstLength + (special ? 2 : 0)
  }

  get #secondEnd(): number {
    return this.#secondStart + Math.max(0, this.#layout.secondLength)
  }
}
