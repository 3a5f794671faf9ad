/** The code points that occur in a vocabulary, numbered 1..size in ascending order. Code 0 stands for all others. */
export class Alphabet {
  /** [size] Code points, ascending: the i-th has code i + 1. */
  readonly sorted: Int32Array

  constructor(sorted: Int32Array) {
    this.sorted = sorted
  }

  /** The code points of a text without its line feeds. */
  static of(lines: string): Alphabet {
    const isSeen = new Uint8Array(0x110000)
    const seen: number[] = []
    isSeen[10] = 1
    for (let i = 0; i < lines.length; i++) {
      const unit = lines.charCodeAt(i)
      const codePoint = unit < 0xd800 ? unit : (lines.codePointAt(i) as number)
      if (codePoint > 0xffff) i++
      if (isSeen[codePoint] === 1) continue
      isSeen[codePoint] = 1
      seen.push(codePoint)
    }
    return new Alphabet(Int32Array.from(seen).sort())
  }

  /** [largest code point + 1] Codes by code point, for as long as a vocabulary is read. */
  table(): Int32Array {
    const codes = new Int32Array((this.sorted.at(-1) ?? 0) + 1)
    for (let i = 0; i < this.sorted.length; i++) codes[this.sorted[i] as number] = i + 1
    return codes
  }

  get size(): number {
    return this.sorted.length
  }

  /** Code of a code point, 0 when no token has it. */
  codeOf(codePoint: number): number {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.sorted[middle] as number) < codePoint) low = middle + 1
      else high = middle
    }
    return this.sorted[low] === codePoint ? low + 1 : 0
  }

  /** Codes of a text's code points. */
  codesOf(text: string): number[] {
    const codes: number[] = []
    for (let i = 0; i < text.length; i++) {
      const codePoint = text.codePointAt(i) as number
      if (codePoint > 0xffff) i++
      codes.push(this.codeOf(codePoint))
    }
    return codes
  }
}
