/**
 * A WordPiece vocabulary: token text ↔ id, both ways by one trie over character codes.
 *
 * Two forms come in: vocab.txt (one token per line, line number = id) and the binary form that `toBinary` writes, which
 * is read without parsing: typed-array views over the bytes. No string is kept; the text of a token is spelled from its
 * path in the trie when asked for. The binary form is little-endian, as every engine this runs on.
 */
import { Alphabet } from './alphabet.ts'
import { CONTINUATION_ROOT, type Trie, WORD_ROOT, walk } from './trie.ts'
import { TrieBuilder } from './trie-builder.ts'

/** Marks a token as the continuation of a word (the reference's `continuing_subword_prefix`). */
const CONTINUATION_PREFIX = '##'

const LINE_FEED = 10

/** "EBWP" in bytes: edge-bert WordPiece. */
const MAGIC = 0x50574245
const VERSION = 1
/** Magic, version, bytes in all, tokens, code points, states, and two spare, as 32-bit integers. */
const HEADER_WORDS = 8

export class Vocab {
  /** Version of the binary form; part of the name under which it is cached. */
  static readonly formatVersion: number = VERSION

  /** Number of ids, 0..size - 1. */
  readonly size: number
  readonly trie: Trie
  readonly alphabet: Alphabet
  /** [size] The state in which each token ends. */
  readonly #states: Int32Array

  private constructor(trie: Trie, alphabet: Alphabet, states: Int32Array) {
    this.size = states.length
    this.trie = trie
    this.alphabet = alphabet
    this.#states = states
  }

  /**
   * Reads vocab.txt: a token per line, the id is the line's number from 0. Of equal lines the last one counts, as in
   * the reference.
   * @throws Error when there is no token.
   */
  static fromText(vocabTxt: string): Vocab {
    const lines = vocabTxt.includes('\r') ? vocabTxt.replace(/\r\n?/g, '\n') : vocabTxt
    if (lines.length === 0) throw new Error('vocabulary: expected at least 1 token, found an empty text')
    const alphabet = Alphabet.of(lines)
    const { trie, states } = readLines(lines, alphabet)
    return new Vocab(trie, alphabet, states)
  }

  /**
   * Reads what `toBinary` wrote. Keeps views of `bytes` (a copy when they do not start at a multiple of 4).
   * @throws Error with expected and found when magic, version or length differ.
   */
  static fromBinary(bytes: Uint8Array): Vocab {
    const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
    if (byteLength < HEADER_WORDS * 4) {
      throw new Error(`binary vocabulary: expected at least ${HEADER_WORDS * 4} bytes, found ${byteLength}`)
    }
    const header = new Int32Array(buffer, byteOffset, HEADER_WORDS)
    expect('magic', MAGIC, header[0])
    expect('version', VERSION, header[1])
    expect('length in bytes', header[2] as number, byteLength)
    const [tokens, codePoints, states] = header.subarray(3) as unknown as [number, number, number]
    const sizes = [tokens, codePoints, states, states, states]
    expect('length by its parts', 4 * sizes.reduce((sum, size) => sum + size, HEADER_WORDS), byteLength)
    let at = byteOffset + HEADER_WORDS * 4
    const [ends, sorted, base, check, value] = sizes.map((size) => {
      const part = new Int32Array(buffer, at, size)
      at += size * 4
      return part
    }) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
    return new Vocab({ base, check, value }, new Alphabet(sorted), ends)
  }

  /** The form that `fromBinary` reads: header, states of the tokens, code points, trie. */
  toBinary(): Uint8Array {
    const { base, check, value } = this.trie
    const ints = new Int32Array(this.byteLength / 4)
    ints.set([MAGIC, VERSION, ints.byteLength, this.size, this.alphabet.size, base.length])
    let at = HEADER_WORDS
    for (const part of [this.#states, this.alphabet.sorted, base, check, value]) {
      ints.set(part, at)
      at += part.length
    }
    return new Uint8Array(ints.buffer)
  }

  /** Bytes held by the arrays, and of the binary form. */
  get byteLength(): number {
    return 4 * (HEADER_WORDS + this.size + this.alphabet.size + 3 * this.trie.base.length)
  }

  /** @returns the id of a token's exact text, with "##" where it continues a word; undefined when there is none. */
  tokenToId(token: string): number | undefined {
    const codes = this.alphabet.codesOf(withoutPrefix(token))
    const root = token.startsWith(CONTINUATION_PREFIX) ? CONTINUATION_ROOT : WORD_ROOT
    const state = walk(this.trie, root, codes, 0, codes.length)
    const id = state === 0 ? -1 : (this.trie.value[state] as number)
    return id < 0 ? undefined : id
  }

  /**
   * @returns a token's text; undefined outside 0..size - 1, and for a line that a later equal line replaced (the
   * reference knows no text for it).
   */
  idToToken(id: number): string | undefined {
    const last = this.#states[id]
    if (last === undefined || this.trie.value[last] !== id) return undefined
    const { base, check } = this.trie
    const codePoints: number[] = []
    let state = last
    for (let parent = check[state] as number; parent >= 0; parent = check[state] as number) {
      codePoints.push(this.alphabet.sorted[state - (base[parent] as number) - 1] as number)
      state = parent
    }
    const text = String.fromCodePoint(...codePoints.reverse())
    return state === CONTINUATION_ROOT ? CONTINUATION_PREFIX + text : text
  }
}

function withoutPrefix(token: string): string {
  return token.startsWith(CONTINUATION_PREFIX) ? token.slice(CONTINUATION_PREFIX.length) : token
}

/** Reads the lines character by character into a trie, so that no string is made for a token. */
function readLines(lines: string, alphabet: Alphabet): { trie: Trie; states: Int32Array } {
  const codes = alphabet.table()
  // Tokens share about two thirds of their characters with others.
  const builder = new TrieBuilder(lines.length / 2)
  for (let i = 0; i < lines.length; i++) {
    const isContinuation = lines.startsWith(CONTINUATION_PREFIX, i)
    let node = builder.root(isContinuation)
    if (isContinuation) i += CONTINUATION_PREFIX.length
    for (; i < lines.length; i++) {
      const unit = lines.charCodeAt(i)
      if (unit === LINE_FEED) break
      const codePoint = unit < 0xd800 ? unit : (lines.codePointAt(i) as number)
      if (codePoint > 0xffff) i++
      node = builder.child(node, codes[codePoint] as number)
    }
    builder.end(node)
  }
  return builder.build(alphabet.size)
}

function expect(what: string, expected: number, found: number | undefined): void {
  if (expected !== found) throw new Error(`binary vocabulary: expected ${what} ${expected}, found ${found}`)
}
