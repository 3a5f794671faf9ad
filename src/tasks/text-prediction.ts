/**
 * Text prediction: suggestions while typing, by masked-language modelling (Devlin et al. 2019, §3.1) at the end of the
 * text; continuation.ts has the frame. Made to be called on each keystroke: only the last 32 tokens are read, in one
 * short pass, or two where the last word may be finished or not.
 *
 * - After a space or punctuation: the next words. Score: probability among words.
 * - Inside a word: words that begin with what is typed ("bea" → "beautiful", "beach"); where the vocabulary has none,
 *   the word pieces that may come next. Score: probability among those.
 * - Behind an apostrophe ("don'"): what may end the word ("t"), and words.
 * - After a word that may go on ("you"): both. With s the score of the word as it stands, the words that follow it
 *   get s times their own score, so that all scores still sum to at most 1.
 */
import { z } from 'zod'
import type { BertTokenizer } from '../tokenizer/index.ts'
import { endingsFrom, frame, isContracted, lexiconOf, wordsFrom, write } from './continuation.ts'
import { row, softmax, topIndices } from './math.ts'
import { defineTask, type Reading, type Rows } from './task.ts'
import { limitRepeats, text } from './text.ts'

const HEAD = 'fill-mask'
const WINDOW = 32
/** Longer words are unknown to the vocabulary anyway; looking for the start of one takes quadratic time. */
const LONGEST_WORD = 200

const parameters = z.object({
  top_k: z.int().min(1).max(100).nullish().describe('How many suggestions; default 5.'),
})

export interface Suggestion {
  /** Probability in [0, 1]. */
  score: number
  /** Token id. */
  token: number
  /** The suggested word; a piece (`##…`) where the vocabulary has no word that begins as typed. */
  token_str: string
  /** The text so far, exactly as typed, with the suggestion in it. */
  sequence: string
}

/** A mask behind `before`, the tokens that may stand there, and the text so far with one of them in it. */
interface Place {
  readonly before: string
  readonly candidates: readonly number[]
  write(token: string): string
}

export const textPrediction = defineTask({
  name: 'text-prediction',
  description: 'Suggests the next word, or how the last one ends, while a text is being typed.',
  input: text,
  parameters,

  *run(input, options, { model, asked }) {
    const { tokenizer } = model
    const topK = options.top_k ?? 5
    limitRepeats(asked, input.length * topK, `${topK} suggestions`)
    const places = placesOf(input, tokenizer)
    const frames = places.map(({ before }) => frame(before, model, WINDOW))
    const readings = yield frames.map(({ encoding, position }) => ({ encoding, reads: { [HEAD]: [position] } }))
    let weight = 1
    const suggestions = places.flatMap((place, i) => {
      // One more than asked for: the text as it stands is no suggestion.
      const ranked = rank(place, readings[i] as Reading, weight, topK + 1, tokenizer)
      weight = ranked.unchanged
      return ranked.suggestions.filter(({ sequence }) => sequence !== input)
    })
    return suggestions.sort((a, b) => b.score - a.score).slice(0, topK)
  },
})

/** Where to look: at the end of the last word first, then behind it if it may be finished. */
function placesOf(input: string, tokenizer: BertTokenizer): Place[] {
  const lexicon = lexiconOf(tokenizer)
  const append = (token: string) => write(input, token)
  const typed = /[\p{L}\p{M}\p{N}]*$/u.exec(input.slice(-LONGEST_WORD))?.[0] ?? ''
  const before = input.slice(0, input.length - typed.length)
  const prefix = normalize(typed, tokenizer)
  const words = isContracted(before) ? endingsFrom(prefix, lexicon, tokenizer) : wordsFrom(prefix, lexicon)
  if (prefix === '') return [{ before: input, candidates: words, write: append }]
  const next = { before: input, candidates: lexicon.wordIds, write: append }
  if (words.length === 0) return [{ before: input, candidates: lexicon.pieceIds, write: append }]
  const finished = words.includes(tokenizer.tokenToId(prefix) ?? -1)
  if (finished && words.length === 1) return [next]
  const complete = (token: string) => input + token.slice(prefix.length)
  const last = { before, candidates: words, write: complete }
  return finished ? [last, next] : [last]
}

/**
 * The likeliest candidates of a place, and the probability of the one that leaves the text as it is.
 *
 * @param weight the probability that the text goes on in this place
 */
function rank(place: Place, reading: Reading, weight: number, topK: number, tokenizer: BertTokenizer) {
  const { candidates } = place
  const logits = row(reading[HEAD] as Rows, 0)
  const scores = softmax(candidates.map((id) => logits[id] as number))
  const suggestions = topIndices(scores, topK).map((index): Suggestion => {
    const token = candidates[index] as number
    const token_str = tokenizer.idToToken(token) as string
    return { score: weight * (scores[index] as number), token, token_str, sequence: place.write(token_str) }
  })
  // A word (or ending) that is the prefix itself is the first of the candidates.
  return { suggestions, unchanged: weight * (scores[0] as number) }
}

/** A word as the vocabulary would have it (case, accents); '' when it is none, or more than one. */
function normalize(typed: string, tokenizer: BertTokenizer): string {
  const { ids } = tokenizer.encode(typed, { addSpecialTokens: false })
  const [first = '', ...rest] = Array.from(ids, (id) => tokenizer.idToToken(id) as string)
  const one = /^[\p{L}\p{M}\p{N}]/u.test(first) && rest.every((token) => token.startsWith('##'))
  return one ? [first, ...rest.map((token) => token.slice(2))].join('') : ''
}
