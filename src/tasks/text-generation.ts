/**
 * Text generation with a masked language model: BERT as a Markov random field that is sampled (Wang and Cho 2019),
 * here one token after another from left to right, each at the first of a few masks before a full stop
 * (continuation.ts has the frame). The text ends with that full stop.
 *
 * One pass over at most 70 tokens for each new token, so at most `max_new_tokens` (≤ 128) passes. What was tried on
 * the default model and reads worse for its price: mask-predict (Ghazvininejad et al. 2019; 10 and 20 rounds over 20
 * masks repeat themselves), one or two Gibbs sweeps after the left-to-right filling (twice and three times the
 * passes), temperature 1. It is a small model: sentences hold together over a few words, not over their length.
 *
 * Draws are seeded and the seed has a default: the same request gives the same text.
 */
import { z } from 'zod'
import { AHEAD, frame, KIND, type Lexicon, lexiconOf, write } from './continuation.ts'
import { row } from './math.ts'
import { draw, seededRandom } from './sampling.ts'
import { defineTask, type Rows } from './task.ts'
import { text } from './text.ts'

const HEAD = 'fill-mask'
const WINDOW = 64
const MAX_NEW_TOKENS = 128

/** Logits that a word loses for each time it is among the last tokens already; against going in circles. */
const REPETITION_PENALTY = 1.5
const REPETITION_WINDOW = 12

const parameters = z.object({
  max_new_tokens: z.int().min(1).max(MAX_NEW_TOKENS).nullish().describe('Tokens to add; default 20.'),
  temperature: z.number().min(0).max(2).nullish().describe('Default 0.7; 0 takes the likeliest token each time.'),
  do_sample: z.boolean().nullish().describe('false is the same as temperature 0.'),
  top_k: z.int().min(1).max(1000).nullish().describe('Draw from the likeliest so many tokens; default 20.'),
  top_p: z.number().gt(0).max(1).nullish().describe('Of these, from the likeliest with this probability; default 1.'),
  seed: z.int().nullish().describe('Another seed gives another text; default 0.'),
  return_full_text: z.boolean().nullish().describe('The prompt and what was added (default true), or only that.'),
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(16)])
    .nullish()
    .describe('Ends before the first of these, whatever its case.'),
})

export interface GeneratedText {
  generated_text: string
}

export const textGeneration = defineTask({
  name: 'text-generation',
  description: 'Continues a text.',
  input: text,
  parameters,
  listed: true,
  // One text is up to 128 passes, and the token budget of a batch sees the first of each only.
  batch: false,

  *run(prompt, options, { model, notes }) {
    const { tokenizer } = model
    const length = options.max_new_tokens ?? 20
    const stops = [options.stop ?? []].flat().map((stop) => stop.toLowerCase())
    const temperature = options.do_sample === false ? 0 : (options.temperature ?? 0.7)
    const sampling = { temperature, topK: options.top_k ?? 20, topP: options.top_p ?? 1 }
    const random = seededRandom(options.seed ?? 0)
    let full = prompt
    let stop = -1
    for (let left = length; left > 0 && stop === -1; left--) {
      if (left === 1 && length > 1) {
        // The frame's own full stop is the last token, unless it would be the only one.
        full += '.'
      } else {
        const { encoding, position, cut } = frame(full, model, WINDOW, Math.max(0, Math.min(AHEAD, left - 2)))
        // Of the prompt, not of what was added to it.
        if (cut && left === length) notes.truncated()
        const [reading] = yield [{ encoding, reads: { [HEAD]: [position] } }]
        const before = encoding.ids.subarray(0, position)
        // The prompt's last word stays as it is, and what ends the text is a word.
        const may = { piece: full !== prompt, punctuation: left > 2 && !/\s$/u.test(full) }
        const logits = admit(row(reading?.[HEAD] as Rows, 0), before, lexiconOf(tokenizer), may)
        let next = full
        do {
          const id = draw(logits, sampling, random())
          if (id === -1) return answer(full)
          next = write(full, tokenizer.idToToken(id) as string)
          logits[id] = Number.NEGATIVE_INFINITY
        } while (REPEATED_WORD.test(next.slice(-100)))
        full = next
      }
      stop = firstOf(stops, full.slice(prompt.length))
    }
    return answer(stop === -1 ? full : full.slice(0, prompt.length + stop))

    function answer(full: string): GeneratedText {
      return { generated_text: (options.return_full_text ?? true) ? full : full.slice(prompt.length) }
    }
  },
})

/** The same word twice in a row at the end of a text, with anything but letters and digits between. */
const REPEATED_WORD = /(?<![\p{L}\p{M}\p{N}])([\p{L}\p{M}\p{N}]+)[^\p{L}\p{M}\p{N}]+\1$/iu

/**
 * Logits of the tokens that may come next, less the penalty for repetition; the others -Infinity. Pieces and
 * punctuation only come after a word.
 *
 * @param before ids up to the mask
 */
function admit(
  logits: Float32Array,
  before: Int32Array,
  { kinds }: Lexicon,
  may: { piece: boolean; punctuation: boolean },
): Float64Array {
  const last = kinds[before.at(-1) as number]
  const afterWord = last === KIND.word || last === KIND.piece
  const allowed: Record<number, boolean> = {
    [KIND.word]: true,
    [KIND.piece]: afterWord && may.piece,
    [KIND.punctuation]: afterWord && may.punctuation,
  }
  const admitted = Float64Array.from(logits, (logit, id) =>
    allowed[kinds[id] as number] ? logit : Number.NEGATIVE_INFINITY,
  )
  for (const id of before.subarray(-REPETITION_WINDOW)) {
    if (kinds[id] === KIND.word) admitted[id] = (admitted[id] as number) - REPETITION_PENALTY
  }
  return admitted
}

/** Where the first of these begins in a text; -1 where none is in it. */
function firstOf(stops: readonly string[], text: string): number {
  const found = stops.map((stop) => text.toLowerCase().indexOf(stop)).filter((index) => index !== -1)
  return found.length === 0 ? -1 : Math.min(...found)
}
