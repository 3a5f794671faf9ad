/**
 * The reference's BertNormalizer and BertPreTokenizer, worked out once per code point: what clean-up, CJK spacing,
 * accent stripping and lower-casing make of it, and whether the result is white space, stands alone, or belongs to a
 * word. Sound because each step works on single code points; the one exception, canonical reordering, is marked RUN and
 * left to canonical-order.ts.
 *
 * An entry is `code << 3 | kind`; pages of 256 entries are filled when a text first needs them.
 */
import type { Alphabet } from './alphabet.ts'
import { isSurrogate, UNICODE_BYTES, unicode } from './unicode.ts'

/** Part of a word; code = character code in the vocabulary's alphabet, 0 for none. */
export const LETTER = 0
/** Ends a word. */
export const SPACE = 1
/** Ends a word and is one of its own (punctuation, CJK ideographs); code as in LETTER. */
export const ISOLATED = 2
/** Leaves nothing (control characters, accents). */
export const DROPPED = 3
/** Becomes several entries; code = index in `sequences`. */
export const SEQUENCE = 4
/** As SEQUENCE, and then marks that survive and must be put in canonical order together with their neighbours. */
export const RUN = 5

/** How text is normalized: the fields of the reference's BertNormalizer. */
export interface NormalizerOptions {
  lowercase: boolean
  /** Remove non-spacing marks after decomposition; null = as `lowercase`, like the reference. */
  stripAccents: boolean | null
  /** Remove control characters and read all white space as spaces. */
  cleanText: boolean
  /** Put spaces around CJK ideographs. */
  handleChineseChars: boolean
}

const PAGE = 256
const PAGES = 0x110000 / PAGE
/** Stands for a page in which no code point means anything to the vocabulary; never written to. */
const EMPTY_PAGE = new Int32Array(PAGE)

export class CharTable {
  /** [128] Entries of ASCII, there from the start: English costs no look at the Unicode tables. */
  readonly ascii: Int32Array
  /** Entries that a SEQUENCE or RUN stands for. */
  readonly sequences: number[][] = []
  readonly #pages: (Int32Array | undefined)[] = new Array(PAGES)
  readonly #options: NormalizerOptions
  readonly #stripAccents: boolean
  readonly #alphabet: Alphabet
  #filled = 0

  constructor(options: NormalizerOptions, alphabet: Alphabet) {
    this.#options = options
    this.#stripAccents = options.stripAccents ?? options.lowercase
    this.#alphabet = alphabet
    this.ascii = Int32Array.from({ length: 128 }, (_, codePoint) => this.#asciiEntry(codePoint))
  }

  /** The entry of any code point. */
  entryOf(codePoint: number): number {
    const page = this.#pages[codePoint >>> 8] ?? this.#fill(codePoint >>> 8)
    return page[codePoint & 255] as number
  }

  /** Whether clean-up takes the code point out before decomposition sees it. */
  isRemoved(codePoint: number): boolean {
    return isSurrogate(codePoint) || (this.#options.cleanText && unicode().isRemoved(codePoint))
  }

  /** Entries of a code point that is already decomposed and not stripped: lower-cased, in the alphabet's codes. */
  entriesOfDecomposed(codePoint: number): number[] {
    if (!this.#options.lowercase) return [this.#classify(codePoint)]
    const lower: number[] = []
    unicode().lowercase(codePoint, lower)
    return lower.map((one) => this.#classify(one))
  }

  /** Bytes held now; grows with the scripts seen, by 1 KiB for each page that means anything to the vocabulary. */
  get byteLength(): number {
    const pages = PAGES * 8 + this.#filled * PAGE * 4
    return this.ascii.byteLength + pages + this.sequences.length * 48 + UNICODE_BYTES
  }

  #fill(index: number): Int32Array {
    let page = EMPTY_PAGE
    for (let i = 0; i < PAGE; i++) {
      const codePoint = index * PAGE + i
      const entry = codePoint < 128 ? (this.ascii[codePoint] as number) : this.#entry(codePoint)
      if (entry === 0) continue
      if (page === EMPTY_PAGE) page = new Int32Array(PAGE)
      page[i] = entry
    }
    if (page !== EMPTY_PAGE) this.#filled++
    this.#pages[index] = page
    return page
  }

  #entry(codePoint: number): number {
    if (this.isRemoved(codePoint)) return DROPPED
    const data = unicode()
    if (this.#options.cleanText && data.isWhiteSpace(codePoint)) return SPACE
    const { starters, marksRemain } = this.#decompose(codePoint)
    const entries = starters.flatMap((one) => this.entriesOfDecomposed(one))
    const spaced = this.#options.handleChineseChars && data.isChinese(codePoint)
    if (entries.length === 1 && !marksRemain) {
      const entry = entries[0] as number
      return spaced && (entry & 7) === LETTER ? entry | ISOLATED : entry
    }
    if (spaced) entries.splice(0, entries.length, SPACE, ...entries, SPACE)
    if (marksRemain) return this.#sequence(entries, RUN)
    return entries.length === 0 ? DROPPED : this.#sequence(entries, SEQUENCE)
  }

  /** @returns the decomposition up to its marks without what stripping takes, and whether any of its marks stays. */
  #decompose(codePoint: number): { starters: number[]; marksRemain: boolean } {
    if (!this.#stripAccents) return { starters: [codePoint], marksRemain: false }
    const data = unicode()
    const all: number[] = []
    data.decompose(codePoint, all)
    const firstMark = all.findIndex((one) => data.combiningRank(one) > 0)
    const starters = firstMark < 0 ? all : all.slice(0, firstMark)
    const marks = firstMark < 0 ? [] : all.slice(firstMark)
    return {
      starters: starters.filter((one) => !data.isMark(one)),
      marksRemain: marks.some((one) => !data.isMark(one)),
    }
  }

  #sequence(entries: number[], kind: number): number {
    this.sequences.push(entries)
    return ((this.sequences.length - 1) << 3) | kind
  }

  #classify(codePoint: number): number {
    if (unicode().isWhiteSpace(codePoint)) return SPACE
    return (this.#alphabet.codeOf(codePoint) << 3) | (unicode().isPunctuation(codePoint) ? ISOLATED : LETTER)
  }

  /** As `#entry`, by ASCII's own rules. */
  #asciiEntry(codePoint: number): number {
    if (codePoint === 32 || codePoint === 9 || codePoint === 10 || codePoint === 13) return SPACE
    if ((codePoint < 32 || codePoint === 127) && this.#options.cleanText) return DROPPED
    if (codePoint === 11 || codePoint === 12) return SPACE
    if (codePoint < 32 || codePoint === 127) return (this.#alphabet.codeOf(codePoint) << 3) | LETTER
    const isUpper = codePoint >= 65 && codePoint <= 90
    const isLetter = isUpper || (codePoint >= 97 && codePoint <= 122) || (codePoint >= 48 && codePoint <= 57)
    const lower = isUpper && this.#options.lowercase ? codePoint + 32 : codePoint
    return (this.#alphabet.codeOf(lower) << 3) | (isLetter ? LETTER : ISOLATED)
  }
}
