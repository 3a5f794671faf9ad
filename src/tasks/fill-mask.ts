/**
 * Fill-mask: BERT's masked-language modelling (Devlin et al. 2019, §3.1). Runs the `fill-mask` head on the rows of
 * [MASK] only. Reference: transformers 4.57 FillMaskPipeline.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import type { BertTokenizer, Encoding } from '../tokenizer/index.ts'
import { fillJointly, type JointFill, passesOf } from './joint-fill.ts'
import { likeliest, row, softmax } from './math.ts'
import { type Asked, defineTask, type Rows, type TaskContext } from './task.ts'
import { encodeText, limitRepeats, shown, text, truncation } from './text.ts'

const HEAD = 'fill-mask'
/** The logits of one mask are 122 KB: those of more masks in one text would not fit into an isolate. */
const MOST_MASKS = 128
/** The head takes 6 ms for a mask: more of them in all texts of a request would be over the CPU time of one. */
const MOST_MASKS_IN_ALL = 2048
/** What all masks of a request may ask for; how much text they may repeat is limited apart. */
const MOST_CANDIDATES = 10_000
/** What one joint fill may take, or all of a request together. */
const MOST_JOINT_TOKENS = 65_536
const MOST_TARGETS = 1000

const parameters = z.object({
  ...truncation,
  top_k: z.int().min(1).max(1000).nullish().describe('How many candidates for each mask; default 5.'),
  targets: z
    .union([z.string(), z.array(z.string()).max(MOST_TARGETS)])
    .nullish()
    .describe('Score only these words. A word outside the vocabulary counts as its first sub-token.'),
  joint: z
    .boolean()
    .nullish()
    .describe('Fill several masks with words that go together: one flat list instead of one for each mask.'),
})

export interface MaskCandidate {
  /** Probability over the whole vocabulary, in [0, 1]. */
  score: number
  /** Token id. */
  token: number
  token_str: string
  /** The text with the candidate in place of the mask. */
  sequence: string
  /** Of a joint fill: the ids for all masks; `token` is the first, `token_str` has the words of all. */
  tokens?: number[]
}

export const fillMask = defineTask({
  name: 'fill-mask',
  description: 'Fills each [MASK] in a text with the most likely words.',
  input: text,
  parameters,

  *run(input, options, context) {
    const { tokenizer } = context.model
    const targets = targetIds(options.targets, context)
    const encoding = encodeText(context, input, options)
    const positions = encoding.positionsOf(tokenizer.maskId)
    if (positions.length === 0) throw invalid(noMask(input, encoding, tokenizer), 'inputs')
    if (positions.length > MOST_MASKS) {
      const most = `${MOST_MASKS} ${tokenizer.maskToken}`
      throw invalid(`each of \`inputs\` must have at most ${most}. Given: ${positions.length}`, 'inputs')
    }
    const topK = options.top_k ?? 5
    const isJoint = Boolean(options.joint) && positions.length > 1
    const read = isJoint ? passesOf(positions.length, topK) : positions.length
    const candidates = isJoint ? topK : positions.length * Math.min(topK, targets?.length ?? topK)
    limitMasks(context.asked, read, tokenizer)
    limitCandidates(context.asked, candidates)
    limitRepeats(context.asked, candidates * tokenizer.decode(encoding.ids).length, `${candidates} candidates`)
    if (isJoint) {
      limitJoint(context.asked, read * encoding.length)
      const fills = yield* fillJointly(HEAD, encoding, positions, topK, targets)
      return fills.map((fill) => decodeJoint(fill, tokenizer))
    }
    const [reading] = yield [{ encoding, reads: { [HEAD]: positions } }]
    const lists = decodeMasks(reading?.[HEAD] as Rows, encoding, positions, topK, targets, tokenizer)
    return lists.length === 1 ? (lists[0] as MaskCandidate[]) : lists
  },
})

function limitMasks(asked: Asked, read: number, tokenizer: BertTokenizer): void {
  asked.masks += read
  if (asked.masks <= MOST_MASKS_IN_ALL) return
  // Of all texts together, so no single one is named.
  const most = `${MOST_MASKS_IN_ALL} ${tokenizer.maskToken} in all`
  throw invalid(`a request may read at most ${most}, one for each pass of a joint fill. Given: at least ${asked.masks}`)
}

function limitCandidates(asked: Asked, candidates: number): void {
  asked.candidates += candidates
  if (asked.candidates <= MOST_CANDIDATES) return
  const given = `${asked.candidates} for ${asked.masks} masks`
  throw invalid(`\`top_k\` must make at most ${MOST_CANDIDATES} candidates in all. Given: ${given}`, 'top_k')
}

function limitJoint(asked: Asked, tokens: number): void {
  asked.jointTokens += tokens
  if (asked.jointTokens <= MOST_JOINT_TOKENS) return
  throw invalid(
    `joint fills may read at most ${MOST_JOINT_TOKENS} tokens in all passes. Given: ${asked.jointTokens}`,
    'top_k',
  )
}

/**
 * @param logits [positions.length, vocabulary], unnormalised
 * @returns one list per masked position, best first. With several masks the special tokens stay in `sequence`,
 * as in the reference, so that the masks that are still open can be seen.
 */
export function decodeMasks(
  logits: Rows,
  encoding: Encoding,
  positions: readonly number[],
  topK: number,
  targets: readonly number[] | null,
  tokenizer: BertTokenizer,
): MaskCandidate[][] {
  const skipSpecialTokens = positions.length === 1
  return positions.map((position, index) => {
    const probabilities = softmax(row(logits, index))
    return likeliest(probabilities, topK, targets).map((token) => ({
      score: probabilities[token] as number,
      token,
      token_str: tokenizer.decode([token]),
      // The reference leaves out [PAD], from the text or filled in, also where it keeps the other special tokens.
      sequence: tokenizer.decode(
        encoding.withId(position, token).filter((id) => id !== tokenizer.padId),
        { skipSpecialTokens },
      ),
    }))
  })
}

function decodeJoint({ score, tokens, encoding }: JointFill, tokenizer: BertTokenizer): MaskCandidate {
  const words = tokens.map((token) => tokenizer.decode([token]))
  const sequence = tokenizer.decode([...encoding.ids], { skipSpecialTokens: true })
  return { score, token: tokens[0] as number, token_str: words.join(' '), sequence, tokens: [...tokens] }
}

/** Ids of the targets without repeats, in their order; null when the caller gave none. */
function targetIds(targets: string | readonly string[] | null | undefined, context: TaskContext): number[] | null {
  if (targets === null || targets === undefined) return null
  const { tokenizer } = context.model
  const ids = new Set<number>()
  for (const target of typeof targets === 'string' ? [targets] : targets) {
    const known = tokenizer.tokenToId(target)
    const pieces =
      known === undefined ? tokenizer.encode(target, { addSpecialTokens: false, maxLength: 1 }).ids : [known]
    const first = pieces[0]
    if (first === undefined) continue
    if (known === undefined) {
      context.notes.warn(`target "${shown(target)}" is not in the vocabulary; used "${tokenizer.idToToken(first)}"`)
    }
    ids.add(first)
  }
  if (ids.size === 0) throw invalid('At least one target must be provided when passed.', 'targets')
  return [...ids]
}

function noMask(input: string, encoding: Encoding, tokenizer: BertTokenizer): string {
  const cut = encoding.truncated && input.includes(tokenizer.maskToken) ? ` after truncation` : ''
  return `No mask_token (${tokenizer.maskToken}) found on the input: ${encoding.length} tokens read${cut}`
}
