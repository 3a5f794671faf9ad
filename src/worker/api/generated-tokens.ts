/**
 * What text-generation-inference's contract has beside the text: details, and a stream with one event for each word
 * (the text is made as a whole before it is sent). `logprob` is null: a masked model, sampled in several passes, has
 * no probability of a token given those before it.
 */
import type { BertTokenizer } from '../../tokenizer/index.ts'

export interface Generated {
  /** What was added to the prompt. */
  readonly text: string
  /** What `generated_text` of the contract has before it: the prompt, or nothing. */
  readonly before: string
  readonly finish_reason: 'stop' | 'length'
  readonly seed: number
  /** Tokens of the prompt. */
  readonly input_length: number
}

/** Two megabytes of a prompt may be two million tokens, of which the last 64 are read: no more are counted. */
const MOST_COUNTED = 65_536

/** Tokens of a text, up to 65,536. */
export function countTokens(text: string, tokenizer: BertTokenizer): number {
  return tokenizer.encode(text, { addSpecialTokens: false, maxLength: MOST_COUNTED }).length
}

/** Pieces that a stream sends: words with the space before them. */
export function words(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? []
}

export function details({ text, ...generated }: Generated, tokenizer: BertTokenizer): object {
  const { ids } = tokenizer.encode(text, { addSpecialTokens: false })
  const tokens = Array.from(ids, (id) => ({ id, text: tokenizer.idToToken(id), logprob: null, special: false }))
  return { ...summary(generated, ids.length), prefill: [], tokens }
}

/** Events in order; the last, of the end token, has the whole text and the details. */
export function* tokenEvents(generated: Generated, tokenizer: BertTokenizer): Generator<object> {
  const { before, text } = generated
  const { length } = tokenizer.encode(text, { addSpecialTokens: false })
  let index = 0
  for (const piece of words(text)) {
    const [id = tokenizer.unkId] = tokenizer.encode(piece, { addSpecialTokens: false }).ids
    const token = { id, text: piece, logprob: null, special: false }
    yield { index: ++index, token, generated_text: null, details: null }
  }
  const end = { id: tokenizer.sepId, text: '', logprob: null, special: true }
  yield { index: index + 1, token: end, generated_text: before + text, details: summary(generated, length) }
}

function summary(generated: Omit<Generated, 'text'>, generated_tokens: number): object {
  const { finish_reason, seed, input_length } = generated
  return {
    finish_reason: finish_reason === 'stop' ? 'stop_sequence' : 'length',
    generated_tokens,
    input_length,
    seed,
  }
}
