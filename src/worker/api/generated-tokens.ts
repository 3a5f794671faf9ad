/**
 * What text-generation-inference's contract has beside the text: details, and a stream with one event for each word
 * (the text is made as a whole before it is sent). `logprob` is null: a masked model, sampled in several passes, has
 * no probability of a token given those before it.
 */
import type { BertTokenizer } from '../../tokenizer/index.ts'

export interface Generated {
  /** What was added to the prompt. */
  readonly text: string
  /** `generated_text` of the contract: with the prompt, or without. */
  readonly answer: string
  readonly finish_reason: 'stop' | 'length'
  readonly seed: number
  /** Tokens of the prompt. */
  readonly input_length: number
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
export function tokenEvents(generated: Generated, tokenizer: BertTokenizer): object[] {
  const { text, answer } = generated
  const { length } = tokenizer.encode(text, { addSpecialTokens: false })
  const pieces = words(text)
  const events = pieces.map((piece, i) => {
    const [id = tokenizer.unkId] = tokenizer.encode(piece, { addSpecialTokens: false }).ids
    const token = { id, text: piece, logprob: null, special: false }
    return { index: i + 1, token, generated_text: null, details: null }
  })
  const end = { id: tokenizer.sepId, text: '', logprob: null, special: true }
  const last = { index: pieces.length + 1, token: end, generated_text: answer, details: summary(generated, length) }
  return [...events, last]
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
