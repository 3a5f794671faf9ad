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

/** What a code point brings to a run of combining marks, see canonical-order.ts. */
export interface RunPart {
  /** Clean-up takes it out before decomposition sees it. */
  isRemoved: boolean
  /** Its decomposition begins with a starter: a run ends before it, and its marks begin the next one. */
  starts: boolean
  /** Per mark of its decomposition: the rank of its combining class, and its entries; null when it is stripped. */
  marks: { rank: number; entries: number[] | null }[]
}

const PAGE = 256
const PAGES = 0x110000 / PAGE
/** Run parts that are remembered; forgotten all at once when there are more, so that no text makes them pile up. */
const MOST_RUN_PARTS = 2048

/** About what V8 holds for one of them. */
const BYTES_PER_SEQUENCE = 56
const BYTES_PER_RUN_PART = 240

export class CharTable {
  /** [128] Entries of ASCII, there from the start: English costs no look at the Unicode tables. */
  readonly ascii: Int32Array
  /** Entries that a SEQUENCE or RUN stands for. */
  readonly sequences: number[][] = []
  readonly #pages: (Int32Array | undefined)[] = new Array(PAGES)
  /** Pages of 256 equal entries (ideographs, private use, unassigned), by that entry. */
  readonly #uniformPages = new Map<number, Int32Array>()
  readonly #runParts = new Map<number, RunPart>()
  readonly #options: NormalizerOptions
  readonly #stripAccents: boolean
  readonly #alphabet: Alphabet
  /** Pages that are not uniform. */
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

  /** How a code point takes part in a run of marks. */
  runPartOf(codePoint: number): RunPart {
    const known = this.#runParts.get(codePoint)
    if (known) return known
    if (this.#runParts.size === MOST_RUN_PARTS) this.#runParts.clear()
    const part = this.#runPart(codePoint)
    this.#runParts.set(codePoint, part)
    return part
  }

  /** Bytes held now; grows with the scripts seen, by 1 KiB for each page that means anything to the vocabulary. */
  get byteLength(): number {
    const pages = PAGES * 8 + (this.#filled + this.#uniformPages.size) * PAGE * 4
    const lists = this.sequences.length * BYTES_PER_SEQUENCE + this.#runParts.size * BYTES_PER_RUN_PART
    return this.ascii.byteLength + pages + lists + UNICODE_BYTES
  }

  #fill(index: number): Int32Array {
    let page: Int32Array = Int32Array.from({ length: PAGE }, (_, i) => this.#entry(index * PAGE + i))
    const first = page[0] as number
    if (page.every((entry) => entry === first)) {
      page = this.#uniformPages.get(first) ?? page
      this.#uniformPages.set(first, page)
    } else {
      this.#filled++
    }
    this.#pages[index] = page
    return page
  }

  #entry(codePoint: number): number {
    if (codePoint < 128) return this.ascii[codePoint] as number
    if (this.#isRemoved(codePoint)) return DROPPED
    if (this.#options.cleanText && unicode().isWhiteSpace(codePoint)) return SPACE
    const { starters, marks } = this.#decompose(codePoint)
    const entries = starters.filter((one) => !this.#isStripped(one)).flatMap((one) => this.#entriesOf(one))
    const marksRemain = marks.some((one) => !this.#isStripped(one))
    const spaced = this.#options.handleChineseChars && unicode().isChinese(codePoint)
    if (entries.length === 1 && !marksRemain) {
      const entry = entries[0] as number
      return spaced && (entry & 7) === LETTER ? entry | ISOLATED : entry
    }
    if (spaced) entries.splice(0, entries.length, SPACE, ...entries, SPACE)
    if (marksRemain) return this.#sequence(entries, RUN)
    return entries.length === 0 ? DROPPED : this.#sequence(entries, SEQUENCE)
  }

  #runPart(codePoint: number): RunPart {
    const { starters, marks } = this.#decompose(codePoint)
    return {
      isRemoved: this.#isRemoved(codePoint),
      starts: starters.length > 0,
      marks: marks.map((mark) => ({
        rank: unicode().combiningRank(mark),
        entries: this.#isStripped(mark) ? null : this.#entriesOf(mark),
      })),
    }
  }

  #isRemoved(codePoint: number): boolean {
    return isSurrogate(codePoint) || (this.#options.cleanText && unicode().isRemoved(codePoint))
  }

  /** The decomposition up to its first combining mark, and its marks. Without stripping nothing is decomposed. */
  #decompose(codePoint: number): { starters: number[]; marks: number[] } {
    if (!this.#stripAccents) return { starters: [codePoint], marks: [] }
    const all: number[] = []
    unicode().decompose(codePoint, all)
    const firstMark = all.findIndex((one) => unicode().combiningRank(one) > 0)
    if (firstMark < 0) return { starters: all, marks: [] }
    return { starters: all.slice(0, firstMark), marks: all.slice(firstMark) }
  }

  #isStripped(codePoint: number): boolean {
    return this.#stripAccents && unicode().isMark(codePoint)
  }

  /** Entries of a code point that is decomposed already: lower-cased, in the alphabet's codes. */
  #entriesOf(codePoint: number): number[] {
    if (!this.#options.lowercase) return [this.#classify(codePoint)]
    const lower: number[] = []
    unicode().lowercase(codePoint, lower)
    return lower.map((one) => this.#classify(one))
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
