/**
 * WordPiece (Wu et al. 2016; the greedy longest-match-first reading of Devlin et al. 2019): a word becomes the longest
 * token it begins with, the rest the longest "##" token, and so on; a word that can't be finished, or that has more than
 * `maxInputCharsPerWord` code points, is one unknown token. Works on character codes and trie states, makes no string.
 */
import { LETTER } from './normalizer.ts'
import type { TokenBuffer } from './token-buffer.ts'
import { CONTINUATION_ROOT, type Trie, WORD_ROOT } from './trie.ts'

export class WordPiece {
  readonly #base: Int32Array
  readonly #check: Int32Array
  readonly #value: Int32Array
  /** [128] See CharTable. */
  readonly #ascii: Int32Array
  readonly #unknownId: number
  readonly #maxChars: number

  /** The word being gathered: code and source of each code point, and how many there are (also beyond the maximum). */
  readonly #codes: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  #count = 0
  #wordStart = 0
  #wordEnd = 0

  constructor(trie: Trie, ascii: Int32Array, unknownId: number, maxInputCharsPerWord: number) {
    this.#base = trie.base
    this.#check = trie.check
    this.#value = trie.value
    this.#ascii = ascii
    this.#unknownId = unknownId
    this.#maxChars = maxInputCharsPerWord
    this.#codes = new Int32Array(maxInputCharsPerWord)
    this.#starts = new Int32Array(maxInputCharsPerWord)
    this.#ends = new Int32Array(maxInputCharsPerWord)
  }

  get byteLength(): number {
    return this.#codes.byteLength * 3
  }

  /** Whether a word has begun and not ended. */
  get inWord(): boolean {
    return this.#count > 0
  }

  /** Forgets the word that was gathered. */
  dropWord(): void {
    this.#count = 0
  }

  /** Adds a code point to the word; its source is [start, end). */
  addLetter(code: number, start: number, end: number): void {
    const at = this.#count++
    if (at === 0) this.#wordStart = start
    this.#wordEnd = end
    if (at >= this.#maxChars) return
    this.#codes[at] = code
    this.#starts[at] = start
    this.#ends[at] = end
  }

  /** Tokens of the word that was gathered, if any; then there is none. */
  endWord(out: TokenBuffer): void {
    const count = this.#count
    if (count === 0) return
    this.#count = 0
    const mark = out.length
    if (count > this.#maxChars || !this.#matchWord(count, out)) {
      out.length = mark
      out.push(this.#unknownId, this.#wordStart, this.#wordEnd)
    }
    out.wordCount++
  }

  /** A word of one code point. */
  isolated(code: number, start: number, end: number, out: TokenBuffer): void {
    this.endWord(out)
    this.addLetter(code, start, end)
    this.endWord(out)
  }

  /** @returns false when some part of the word is no token; then `out` has tokens that are not to be kept. */
  #matchWord(count: number, out: TokenBuffer): boolean {
    const codes = this.#codes
    let root = WORD_ROOT
    for (let from = 0; from < count; ) {
      let state = root
      let id = -1
      let end = from
      for (let i = from; i < count; i++) {
        const next = (this.#base[state] as number) + (codes[i] as number)
        if (this.#check[next] !== state) break
        state = next
        if ((this.#value[next] as number) >= 0) {
          id = this.#value[next] as number
          end = i + 1
        }
      }
      if (id < 0) return false
      out.push(id, this.#starts[from] as number, this.#ends[end - 1] as number)
      from = end
      root = CONTINUATION_ROOT
    }
    return true
  }

  /**
   * Tokens of a word of ASCII letters and digits that begins at `start`, read straight from the text.
   * @returns where the word ends, or -1 when it goes on with something else than letters; then nothing was done.
   */
  asciiWord(text: string, start: number, to: number, out: TokenBuffer): number {
    const base = this.#base
    const check = this.#check
    const value = this.#value
    const ascii = this.#ascii
    let state = WORD_ROOT
    let id = -1
    let pieceEnd = start
    let i = start
    for (; i < to; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 128) return -1
      const entry = ascii[unit] as number
      if ((entry & 7) !== LETTER) {
        if ((entry & 7) > 2) return -1
        break
      }
      // State 0 is "no such token": it has no children, so it stays.
      const next = (base[state] as number) + (entry >>> 3)
      state = check[next] === state ? next : 0
      if ((value[state] as number) >= 0) {
        id = value[state] as number
        pieceEnd = i + 1
      }
    }
    const mark = out.length
    if (i - start <= this.#maxChars && id >= 0) {
      out.push(id, start, pieceEnd)
      if (pieceEnd === i || this.#asciiContinuation(text, pieceEnd, i, out)) {
        out.wordCount++
        return i
      }
    }
    out.length = mark
    out.push(this.#unknownId, start, i)
    out.wordCount++
    return i
  }

  /** As `#matchWord` for the rest of a word of ASCII letters. */
  #asciiContinuation(text: string, start: number, end: number, out: TokenBuffer): boolean {
    for (let from = start; from < end; ) {
      let state = CONTINUATION_ROOT
      let id = -1
      let pieceEnd = from
      for (let i = from; i < end; i++) {
        const next = (this.#base[state] as number) + ((this.#ascii[text.charCodeAt(i)] as number) >>> 3)
        if (this.#check[next] !== state) break
        state = next
        if ((this.#value[next] as number) >= 0) {
          id = this.#value[next] as number
          pieceEnd = i + 1
        }
      }
      if (id < 0) return false
      out.push(id, from, pieceEnd)
      from = pieceEnd
    }
    return true
  }
}
