/** Reads a stretch of text without special tokens: characters → words → tokens, in one pass. */
import { emitRun } from './canonical-order.ts'
import { type CharTable, DROPPED, ISOLATED, LETTER, RUN, SPACE } from './normalizer.ts'
import type { TokenBuffer } from './token-buffer.ts'
import type { WordPiece } from './wordpiece.ts'

export class PreTokenizer {
  readonly #table: CharTable
  readonly #model: WordPiece

  constructor(table: CharTable, model: WordPiece) {
    this.#table = table
    this.#model = model
  }

  /**
   * Appends the tokens of text[from..to).
   * @param limit stop when `out` has this many tokens; `out.stopped` says so
   * @returns false when it stopped
   */
  read(text: string, from: number, to: number, out: TokenBuffer, limit: number): boolean {
    const { ascii } = this.#table
    const model = this.#model
    for (let i = from; i < to; ) {
      if (out.length >= limit) {
        model.dropWord()
        out.stopped = true
        return false
      }
      const unit = text.charCodeAt(i)
      if (unit >= 128) {
        i = this.#readCharacter(text, i, from, to, out)
        continue
      }
      const entry = ascii[unit] as number
      const kind = entry & 7
      if (kind === LETTER) {
        const end = model.inWord ? -1 : model.asciiWord(text, i, to, out)
        if (end < 0) model.addLetter(entry >>> 3, i, i + 1)
        i = end < 0 ? i + 1 : end
        continue
      }
      if (kind === ISOLATED) model.isolated(entry >>> 3, i, i + 1, out)
      else if (kind === SPACE) model.endWord(out)
      i++
    }
    model.endWord(out)
    return true
  }

  /** One character beyond ASCII. @returns where reading goes on */
  #readCharacter(text: string, at: number, from: number, to: number, out: TokenBuffer): number {
    const codePoint = text.codePointAt(at) as number
    const end = at + (codePoint > 0xffff ? 2 : 1)
    const entry = this.#table.entryOf(codePoint)
    const kind = entry & 7
    if (kind <= DROPPED) {
      this.#emit(entry, at, end, out)
      return end
    }
    for (const part of this.#table.sequences[entry >>> 3] as number[]) this.#emit(part, at, end, out)
    if (kind !== RUN) return end
    return emitRun(this.#table, text, at, from, to, (part, start, stop) => this.#emit(part, start, stop, out))
  }

  #emit(entry: number, start: number, end: number, out: TokenBuffer): void {
    const kind = entry & 7
    if (kind === LETTER) this.#model.addLetter(entry >>> 3, start, end)
    else if (kind === ISOLATED) this.#model.isolated(entry >>> 3, start, end, out)
    else if (kind === SPACE) this.#model.endWord(out)
  }
}
