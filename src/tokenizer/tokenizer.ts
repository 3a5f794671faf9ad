/**
 * BERT's tokenizer: text ↔ ids as Rust `tokenizers` 0.22 does it behind transformers' BertTokenizerFast, with offsets in
 * UTF-16 code units of the original text. Pure: no I/O, no dependency, the same in Node and workerd.
 */
import { AddedTokens } from './added-tokens.ts'
import { joinTokens } from './decoder.ts'
import type { Encoding } from './encoding.ts'
import { CharTable, type NormalizerOptions } from './normalizer.ts'
import { PreTokenizer } from './pre-tokenizer.ts'
import { assembleWhole, assembleWindows } from './template.ts'
import { TokenBuffer } from './token-buffer.ts'
import { roomFor, sharesOf, type Truncation } from './truncation.ts'
import type { Vocab } from './vocab.ts'
import { WordPiece } from './wordpiece.ts'

export interface TokenizerOptions extends NormalizerOptions {
  /** A word with more code points than this is unknown. */
  maxInputCharsPerWord: number
  unkToken: string
  clsToken: string
  sepToken: string
  padToken: string
  maskToken: string
}

/** As BertTokenizerFast without arguments: an uncased model. */
const DEFAULTS: TokenizerOptions = {
  lowercase: true,
  stripAccents: null,
  cleanText: true,
  handleChineseChars: true,
  maxInputCharsPerWord: 100,
  unkToken: '[UNK]',
  clsToken: '[CLS]',
  sepToken: '[SEP]',
  padToken: '[PAD]',
  maskToken: '[MASK]',
}

export interface EncodeOptions {
  /** The second sequence. An empty one still is one. */
  pair?: string
  /** Put [CLS] and [SEP] around the sequences; default true. */
  addSpecialTokens?: boolean
  /** Most tokens of an encoding, special tokens included; absent = no truncation. */
  maxLength?: number
  /** Default longest_first. */
  truncation?: Truncation
  /** The end that is cut; default right. */
  truncationDirection?: 'left' | 'right'
  /** Tokens that neighbouring windows share. With it, `overflowing` holds the windows that follow. */
  stride?: number
}

export interface DecodeOptions {
  /** Leave special tokens out; default false. */
  skipSpecialTokens?: boolean
  /** Clean the joined text of English tokenization artefacts; default false, as in transformers 4.57. */
  cleanUpTokenizationSpaces?: boolean
}

export class BertTokenizer {
  readonly unkToken: string
  readonly clsToken: string
  readonly sepToken: string
  readonly padToken: string
  readonly maskToken: string
  readonly unkId: number
  readonly clsId: number
  readonly sepId: number
  readonly padId: number
  readonly maskId: number
  readonly #vocab: Vocab
  readonly #specialIds: ReadonlySet<number>
  readonly #addedTokens: AddedTokens
  readonly #table: CharTable
  readonly #model: WordPiece
  readonly #preTokenizer: PreTokenizer
  readonly #templateIds: { cls: number; sep: number }
  /** Scratch for the two sequences of the call in progress. */
  readonly #first = new TokenBuffer()
  readonly #second = new TokenBuffer()

  private constructor(vocab: Vocab, options: TokenizerOptions) {
    this.#vocab = vocab
    this.unkToken = options.unkToken
    this.clsToken = options.clsToken
    this.sepToken = options.sepToken
    this.padToken = options.padToken
    this.maskToken = options.maskToken
    this.unkId = idOf(vocab, options, 'unkToken')
    this.clsId = idOf(vocab, options, 'clsToken')
    this.sepId = idOf(vocab, options, 'sepToken')
    this.padId = idOf(vocab, options, 'padToken')
    this.maskId = idOf(vocab, options, 'maskToken')
    const special = new Map([
      [this.unkToken, this.unkId],
      [this.clsToken, this.clsId],
      [this.sepToken, this.sepId],
      [this.padToken, this.padId],
      [this.maskToken, this.maskId],
    ])
    this.#templateIds = { cls: this.clsId, sep: this.sepId }
    this.#specialIds = new Set(special.values())
    this.#addedTokens = new AddedTokens(special)
    this.#table = new CharTable(options, vocab.alphabet)
    this.#model = new WordPiece(vocab.trie, this.#table.ascii, this.unkId, options.maxInputCharsPerWord)
    this.#preTokenizer = new PreTokenizer(this.#table, this.#model)
  }

  /**
   * @param options what differs from an uncased BERT
   * @throws Error when the vocabulary lacks a special token.
   */
  static fromVocab(vocab: Vocab, options: Partial<TokenizerOptions> = {}): BertTokenizer {
    return new BertTokenizer(vocab, { ...DEFAULTS, ...options })
  }

  get vocabSize(): number {
    return this.#vocab.size
  }

  /** Bytes held now: vocabulary, character table, scratch. */
  get byteLength(): number {
    const scratch = this.#first.byteLength + this.#second.byteLength + this.#model.byteLength
    return this.#vocab.byteLength + this.#table.byteLength + scratch
  }

  /**
   * Text to ids. Any string is read: one that cleans up to nothing gives [CLS] [SEP], and lone surrogates are dropped
   * like control characters.
   * @throws RangeError, with limit and value, when maxLength has no room for the special tokens, stride is not below
   * the window, or an only_… strategy can't be kept.
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    try {
      return this.#encode(text, options)
    } finally {
      // Here and not before the next text, which may be long in coming.
      this.#first.release()
      this.#second.release()
    }
  }

  #encode(text: string, options: EncodeOptions): Encoding {
    const { pair, addSpecialTokens = true, maxLength, stride, truncation = 'longest_first' } = options
    const direction = options.truncationDirection ?? 'right'
    const special = addSpecialTokens ? this.#templateIds : null
    const first = this.#first
    const second = pair === undefined ? null : this.#second
    if (maxLength === undefined) {
      this.#read(text, first)
      if (second) this.#read(pair as string, second)
      return assembleWhole(first, second, special)
    }
    const most = roomFor(maxLength, stride ?? 0, second !== null, addSpecialTokens)
    // What is cut off on the right and kept in no window needn't be read.
    const limit = stride === undefined && direction === 'right' ? most + 1 : Number.POSITIVE_INFINITY
    this.#read(text, first, limit)
    if (second) {
      this.#read(pair as string, second, limit)
      const bothCut = first.length > most && second.length > most
      if (bothCut && truncation === 'longest_first' && most % 2 === 1) {
        // The odd token goes to the longer sequence, so both lengths must be known.
        if (first.stopped) this.#read(text, first)
        if (second.stopped) this.#read(pair as string, second)
      }
    }
    const shares = sharesOf(first.length, second?.length ?? null, most, truncation)
    return assembleWindows(first, second, special, shares, stride, direction)
  }

  /** Ids to text. Ids outside the vocabulary are left out, as in the reference. */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skipSpecialTokens = false, cleanUpTokenizationSpaces = false } = options
    const tokens: string[] = []
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      const token = skipSpecialTokens && this.isSpecial(id) ? undefined : this.#vocab.idToToken(id)
      if (token !== undefined) tokens.push(token)
    }
    return joinTokens(tokens, cleanUpTokenizationSpaces)
  }

  idToToken(id: number): string | undefined {
    return this.#vocab.idToToken(id)
  }

  tokenToId(token: string): number | undefined {
    return this.#vocab.tokenToId(token)
  }

  /** Whether the id is that of [UNK], [CLS], [SEP], [PAD] or [MASK]. */
  isSpecial(id: number): boolean {
    return this.#specialIds.has(id)
  }

  /** Reads a sequence into `out`, up to the word or special token with which it reaches `limit` tokens. */
  #read(text: string, out: TokenBuffer, limit = Number.POSITIVE_INFINITY): void {
    out.reset()
    this.#addedTokens.split(
      text,
      (from, to) => this.#preTokenizer.read(text, from, to, out, limit),
      (id, from, to) => {
        out.push(id, from, to)
        out.wordCount++
        return true
      },
    )
  }
}

type TokenName = 'unkToken' | 'clsToken' | 'sepToken' | 'padToken' | 'maskToken'

function idOf(vocab: Vocab, options: TokenizerOptions, name: TokenName): number {
  const id = vocab.tokenToId(options[name])
  if (id === undefined) throw new Error(`vocabulary of ${vocab.size} tokens has no "${options[name]}" (${name})`)
  return id
}
