/** The code points that occur in a vocabulary, numbered 1..size in ascending order. Code 0 stands for all others. */
export class Alphabet {
  /** [size] Code points, ascending: the i-th has code i + 1. */
  readonly sorted: Int32Array

  constructor(sorted: Int32Array) {
    this.sorted = sorted
  }

  static of(tokens: readonly string[]): Alphabet {
    const seen = new Set<number>()
    for (const token of tokens) {
      for (let i = 0; i < token.length; i++) {
        const codePoint = token.codePointAt(i) as number
        if (codePoint > 0xffff) i++
        seen.add(codePoint)
      }
    }
    return new Alphabet(Int32Array.from(seen).sort())
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
