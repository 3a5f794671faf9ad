/** Text between a prompt and a suffix: a gap of masks, filled by the masked-LM head from left to right. */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import { likeliest, row, softmax } from '../../tasks/math.ts'
import { draw, seededRandom } from '../../tasks/sampling.ts'
import { defineTask, type Rows, type Task } from '../../tasks/task.ts'
import { CHARACTERS_PER_TOKEN, encodeText, text } from '../../tasks/text.ts'
import type { BertTokenizer } from '../../tokenizer/index.ts'
import { answer, type Call } from '../inference.ts'

/** A piece that goes on with the word before it may divide that word otherwise, into more tokens. */
const SPARE = 16

/** As much of the texts around a gap as one pass can read with it. */
export interface Gap {
  readonly before: string
  readonly after: string
  readonly masks: number
  /** Of one pass. */
  readonly tokens: number
  /** Whether something of the texts was left out. */
  readonly cut: boolean
}

export interface Filling {
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly top_k?: number | null | undefined
  readonly seed: number
}

/**
 * The end of the prompt and the start of the suffix; where both are long, half of the room for each.
 * @throws ServiceError('validation') when the masks alone are more than half of what the model can read
 */
export function gapOf(prompt: string, suffix: string, masks: number, tokenizer: BertTokenizer, model: Manifest): Gap {
  const most = (model.max_length >> 1) - SPARE
  if (masks > most) throw invalid(`\`max_tokens\` of a gap must be at most ${most}. Given: ${masks}`, 'max_tokens')
  const room = model.max_length - 2 - masks - SPARE
  const after = firstTokens(suffix, room >> 1, tokenizer)
  const before = lastTokens(prompt, room - after.tokens, tokenizer)
  const cut = before.text !== prompt || after.text !== suffix
  return { before: before.text, after: after.text, masks, tokens: before.tokens + after.tokens + masks + 2, cut }
}

const HEAD = 'fill-mask'

interface Candidate {
  readonly token: string
  readonly probability: number
}

/**
 * The likeliest tokens at one mask of a text. Only its row goes through the head, which reads one row at a time: so
 * they are those that fill-mask gives for it, without the price of the masks behind it.
 */
const nextMask = defineTask({
  name: 'next-mask',
  description: 'Candidates for one mask.',
  input: text,
  parameters: z.object({ mask: z.int().describe('Which of them, from 0.'), top_k: z.int() }),

  *run(input, { mask, top_k }, context) {
    const { tokenizer } = context.model
    const encoding = encodeText(context, input, {})
    const position = encoding.positionsOf(tokenizer.maskId)[mask] as number
    const [reading] = yield [{ encoding, reads: { [HEAD]: [position] } }]
    const probabilities = softmax(row(reading?.[HEAD] as Rows, 0))
    return likeliest(probabilities, top_k, null).map(
      (id): Candidate => ({
        token: tokenizer.decode([id]),
        probability: probabilities[id] as number,
      }),
    )
  },
})

/** Yields the text after each new token; each token is drawn from the likeliest at its place. */
export async function* fillGap(
  call: Call,
  model: Manifest,
  { before, after, masks }: Gap,
  { temperature, top_p, top_k, seed }: Filling,
): AsyncGenerator<string> {
  const random = seededRandom(seed)
  const topK = top_k ?? 20
  const sampling = { temperature: temperature ?? 0.7, topK, topP: top_p ?? 1 }
  // The prompt may have masks of its own; they stay.
  const parameters = { mask: before.split('[MASK]').length - 1, top_k: topK }
  const task = nextMask as unknown as Task
  let made = ''
  for (let left = masks; left > 0; left--) {
    const inputs = `${before}${made}${' [MASK]'.repeat(left)} ${after}`
    const candidates = (await answer(call, { task, model, inputs, parameters, field: 'prompt' })) as Candidate[]
    const logits = candidates.map(({ probability }) => Math.log(probability))
    made = append(before, made, candidates[draw(logits, sampling, random())]?.token ?? '')
    yield made
  }
}

function append(prompt: string, text: string, token: string): string {
  if (token.startsWith('##')) return text + token.slice(2)
  return /(^|\s)$/.test(prompt + text) ? text + token : `${text} ${token}`
}

interface Part {
  readonly text: string
  readonly tokens: number
}

function firstTokens(text: string, most: number, tokenizer: BertTokenizer): Part {
  const clipped = text.slice(0, most * CHARACTERS_PER_TOKEN)
  const { length, truncated, ends } = tokenizer.encode(clipped, { addSpecialTokens: false, maxLength: most })
  return { text: truncated ? clipped.slice(0, ends[length - 1]) : clipped, tokens: length }
}

function lastTokens(text: string, most: number, tokenizer: BertTokenizer): Part {
  const clipped = text.slice(-most * CHARACTERS_PER_TOKEN)
  const encoding = tokenizer.encode(clipped, {
    addSpecialTokens: false,
    maxLength: most,
    truncationDirection: 'left',
  })
  return { text: encoding.truncated ? clipped.slice(encoding.starts[0]) : clipped, tokens: encoding.length }
}
