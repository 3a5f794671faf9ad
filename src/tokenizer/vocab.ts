/**
 * A WordPiece vocabulary: token text ↔ id, held as a trie over character codes and one block of UTF-8.
 *
 * Two forms come in: vocab.txt (one token per line, line number = id) and the binary form that `toBinary` writes,
 * which is read without parsing: typed-array views over the bytes, token strings decoded when asked for.
 * The binary form is little-endian, as every engine this runs on.
 */
import { Alphabet } from './alphabet.ts'
import { buildTrie, CONTINUATION_ROOT, type Trie, WORD_ROOT, walk } from './trie.ts'

/** Marks a token as the continuation of a word (the reference's `continuing_subword_prefix`). */
const CONTINUATION_PREFIX = '##'

/** "EBWP": edge-bert WordPiece. */
const MAGIC = 0x50574245
const VERSION = 1
/** Words: magic, version, bytes in all, tokens, code points, states, bytes of text, and one spare. */
const HEADER_WORDS = 8
const HEADER_BYTES = HEADER_WORDS * 4

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

export class Vocab {
  /** Version of the binary form; part of the name under which it is cached. */
  static readonly formatVersion: number = VERSION

  /** Number of ids, 0..size - 1. */
  readonly size: number
  readonly trie: Trie
  readonly alphabet: Alphabet
  /** [size + 1] Where each token's text begins in `#text`. */
  readonly #textOffsets: Int32Array
  /** UTF-8 of all tokens, one after the other. */
  readonly #text: Uint8Array

  private constructor(trie: Trie, alphabet: Alphabet, textOffsets: Int32Array, text: Uint8Array) {
    this.size = textOffsets.length - 1
    this.trie = trie
    this.alphabet = alphabet
    this.#textOffsets = textOffsets
    this.#text = text
  }

  /**
   * Reads vocab.txt: a token per line, the id is the line's number from 0. Of equal lines the last one counts, as in
   * the reference.
   * @throws Error when there is no token.
   */
  static fromText(vocabTxt: string): Vocab {
    const tokens = vocabTxt.split(/\r\n?|\n/)
    if (tokens.at(-1) === '') tokens.pop()
    if (tokens.length === 0) throw new Error('vocabulary: expected at least 1 token, found 0 lines')
    const alphabet = Alphabet.of(tokens)
    const keys = tokens.map((token) => alphabet.codesOf(withoutPrefix(token)))
    const continuations = Uint8Array.from(tokens, (token) => (token.startsWith(CONTINUATION_PREFIX) ? 1 : 0))
    const trie = buildTrie(keys, continuations, alphabet.size)
    const text = encoder.encode(tokens.join(''))
    return new Vocab(trie, alphabet, textOffsetsOf(tokens, text), text)
  }

  /**
   * Reads what `toBinary` wrote. Keeps views of `bytes` (a copy when they do not start at a multiple of 4).
   * @throws Error with expected and found when magic, version or length differ.
   */
  static fromBinary(bytes: Uint8Array): Vocab {
    const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
    if (byteLength < HEADER_BYTES) {
      throw new Error(`binary vocabulary: expected at least ${HEADER_BYTES} bytes, found ${byteLength}`)
    }
    const header = new Int32Array(buffer, byteOffset, HEADER_WORDS)
    expect('magic', MAGIC, header[0])
    expect('version', VERSION, header[1])
    expect('length in bytes', header[2] as number, byteLength)
    const [tokens, codePoints, states, textBytes] = header.subarray(3) as unknown as [number, number, number, number]
    const sizes = [tokens + 1, codePoints, states, states, states]
    const words = sizes.reduce((sum, size) => sum + size, HEADER_WORDS)
    expect('length by its parts', words * 4 + textBytes, byteLength)
    let at = byteOffset + HEADER_BYTES
    const [textOffsets, sorted, base, check, value] = sizes.map((size) => {
      const part = new Int32Array(buffer, at, size)
      at += size * 4
      return part
    }) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
    return new Vocab({ base, check, value }, new Alphabet(sorted), textOffsets, new Uint8Array(buffer, at, textBytes))
  }

  /** The form that `fromBinary` reads: header, text offsets, code points, trie, UTF-8 text. */
  toBinary(): Uint8Array {
    const { base, check, value } = this.trie
    const parts = [this.#textOffsets, this.alphabet.sorted, base, check, value]
    const words = parts.reduce((sum, part) => sum + part.length, HEADER_WORDS)
    const bytes = new Uint8Array(words * 4 + this.#text.length)
    const header = [MAGIC, VERSION, bytes.length, this.size, this.alphabet.size, base.length, this.#text.length, 0]
    const ints = new Int32Array(bytes.buffer, 0, words)
    ints.set(header)
    let at = HEADER_WORDS
    for (const part of parts) {
      ints.set(part, at)
      at += part.length
    }
    bytes.set(this.#text, words * 4)
    return bytes
  }

  /** Bytes held by the arrays. */
  get byteLength(): number {
    return HEADER_BYTES + (this.size + 1 + this.alphabet.size + this.trie.base.length * 3) * 4 + this.#text.length
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
    if (!Number.isInteger(id) || id < 0 || id >= this.size) return undefined
    const text = this.#text.subarray(this.#textOffsets[id], this.#textOffsets[id + 1])
    const token = decoder.decode(text)
    return this.tokenToId(token) === id ? token : undefined
  }
}

function withoutPrefix(token: string): string {
  return token.startsWith(CONTINUATION_PREFIX) ? token.slice(CONTINUATION_PREFIX.length) : token
}

function textOffsetsOf(tokens: readonly string[], text: Uint8Array): Int32Array {
  const offsets = new Int32Array(tokens.length + 1)
  const scratch = new Uint8Array(text.length)
  let at = 0
  for (let id = 0; id < tokens.length; id++) {
    at += encoder.encodeInto(tokens[id] as string, scratch.subarray(at)).written
    offsets[id + 1] = at
  }
  return offsets
}

function expect(what: string, expected: number, found: number | undefined): void {
  if (expected !== found) throw new Error(`binary vocabulary: expected ${what} ${expected}, found ${found}`)
}
