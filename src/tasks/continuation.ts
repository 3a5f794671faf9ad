/**
 * What comes after a text, asked of a masked language model. The model was trained on whole sentences: with a mask
 * last it expects the end, and with a mask before the full stop a last word. So the text is framed as
 *
 *   … last words [MASK] [MASK] [MASK] .
 *
 * and the first mask is read: some word that is neither the end nor just before it. Measured on the default model,
 * the right next word among the first 5 (300 places in held-out WikiText, 32 tokens of context): a bare mask 0.30,
 * mask and full stop 0.12, two masks 0.33, three masks 0.33 and the best log-likelihood but one, 16 tokens of
 * context 0.31, 64 tokens 0.32.
 */
import type { BertTokenizer, Encoding } from '../tokenizer/index.ts'
import type { TaskModel } from './task.ts'

/** Masks between the one that is read and the full stop. */
export const AHEAD = 2

/** Only so many characters of a text are looked at, per token of the window. */
const CHARACTERS_PER_TOKEN = 30

export interface Frame {
  readonly encoding: Encoding
  /** Position of the mask that is read. */
  readonly position: number
  /** Whether the text has more than the window. */
  readonly cut: boolean
}

/**
 * @param window tokens of context, the last ones of the text
 * @param ahead masks between the one that is read and the full stop
 */
export function frame(text: string, model: TaskModel, window: number, ahead = AHEAD): Frame {
  const { tokenizer } = model
  const context = text.slice(-window * CHARACTERS_PER_TOKEN)
  const masks = Array(ahead + 1).fill(tokenizer.maskToken)
  const encoding = tokenizer.encode(`${context} ${masks.join(' ')}.`, {
    // [CLS], the masks, the full stop, [SEP]
    maxLength: Math.min(window + masks.length + 3, model.maxLength),
    truncationDirection: 'left',
  })
  const position = encoding.positionsOf(tokenizer.maskId).at(-masks.length) as number
  return { encoding, position, cut: encoding.truncated || context !== text }
}

/** What a token is, where text is to be continued. */
export const KIND = { other: 0, word: 1, piece: 2, punctuation: 3 } as const

/** What a vocabulary offers to continue a text with. */
export interface Lexicon {
  /** The kind of each token by id. */
  readonly kinds: Uint8Array
  /** Words in the order of their UTF-16 code units, and the id of each. */
  readonly words: readonly string[]
  readonly wordIds: readonly number[]
  readonly pieceIds: readonly number[]
}

/** Made once for a tokenizer (30 ms): asking it for all its tokens again is too slow for a keystroke. */
const lexicons = new WeakMap<BertTokenizer, Lexicon>()

/**
 * Words have letters or digits only, and two of them at least except for "a", "i" and digits; pieces continue a word;
 * of punctuation only what may stand in running text. What is left (special tokens, symbols, brackets, single
 * letters) is never offered.
 */
export function lexiconOf(tokenizer: BertTokenizer): Lexicon {
  const known = lexicons.get(tokenizer)
  if (known) return known
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id) as string)
  const kinds = Uint8Array.from(tokens, kindOf)
  const idsOf = (kind: number) => [...tokens.keys()].filter((id) => kinds[id] === kind)
  const words = idsOf(KIND.word)
    .map((id) => ({ id, word: tokens[id] as string }))
    .sort((a, b) => (a.word < b.word ? -1 : 1))
  const lexicon = {
    kinds,
    words: words.map(({ word }) => word),
    wordIds: words.map(({ id }) => id),
    pieceIds: idsOf(KIND.piece),
  }
  lexicons.set(tokenizer, lexicon)
  return lexicon
}

/** Ids of the words that begin with a prefix, itself among them where it is one. O(log n + found). */
export function wordsFrom(prefix: string, { words, wordIds }: Lexicon): number[] {
  let low = 0
  let high = words.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((words[middle] as string) < prefix) low = middle + 1
    else high = middle
  }
  let end = low
  while (words[end]?.startsWith(prefix)) end++
  return wordIds.slice(low, end)
}

function kindOf(token: string): number {
  if (/^[.,!?;]$/.test(token)) return KIND.punctuation
  if (/^##[\p{L}\p{M}]+$/u.test(token)) return KIND.piece
  if (/^([\p{L}\p{M}]{2,}|[ai]|\p{Nd}+)$/u.test(token)) return KIND.word
  return KIND.other
}

/** What makes a word of the letters before an apostrophe: it's, don't, I'm, we'd, you'll, I've, they're. */
const ENDINGS = ['s', 't', 'm', 'd', 'll', 've', 're']

/** Whether the next letters belong to the word before the apostrophe at the end of a text, or may. */
export function isContracted(text: string): boolean {
  return /\p{L}['’]$/u.test(text)
}

/** As `wordsFrom` behind letters and an apostrophe: the endings that begin with the prefix come before the words. */
export function endingsFrom(prefix: string, lexicon: Lexicon, tokenizer: BertTokenizer): number[] {
  const endings = ENDINGS.filter((ending) => ending.startsWith(prefix)).map((e) => tokenizer.tokenToId(e) as number)
  return [...endings, ...wordsFrom(prefix, lexicon).filter((id) => !endings.includes(id))]
}

/** The end of a text that the next word follows without a space: an opening quote or bracket, a hyphen, O'. */
const NEEDS_NO_SPACE = /(?:^|[\s([{“‘/$€£#@-]|(?:^|\s)["'’]|(?:^|\s)\p{L}['’])$/u

/** A text with one more token at its end: a word behind a space where one is needed, anything else at once. */
export function write(text: string, token: string): string {
  if (token.startsWith('##')) return text + token.slice(2)
  const end = text.slice(-3)
  const joined =
    NEEDS_NO_SPACE.test(end) || kindOf(token) === KIND.punctuation || (ENDINGS.includes(token) && isContracted(end))
  return text + (joined ? '' : ' ') + token
}
