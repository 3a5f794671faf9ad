/**
 * What text-embeddings-inference's routes compute and the hub has no task for: inputs that are token ids of this
 * model, the vectors of all tokens, sparse vectors, and /predict for single texts and pairs in one batch.
 */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import { embeddingParameters, featureExtraction, normalize } from '../../tasks/feature-extraction.ts'
import { row } from '../../tasks/math.ts'
import { nextSentencePrediction } from '../../tasks/next-sentence-prediction.ts'
import { defineTask, HIDDEN, type Rows, type TaskContext } from '../../tasks/task.ts'
import { encodeText, notEmpty, text, truncation } from '../../tasks/text.ts'
import { sentiment } from '../../tasks/text-classification.ts'
import { Encoding } from '../../tokenizer/encoding.ts'
import { tokenList } from './tokens.ts'

const tokenIds = notEmpty(tokenList).describe("Token ids of this model's vocabulary.")

/** One input: a text, or token ids. */
export const textOrIds = z.union([text, tokenIds])

const parameters = z.object({
  ...truncation,
  add_special_tokens: z.boolean().nullish().describe('Put [CLS] and [SEP] around ids that lack them (default true).'),
})

export const embed = defineTask({
  name: 'embed',
  description: 'One vector for a text.',
  input: textOrIds,
  parameters: z.object({ ...embeddingParameters.shape, ...parameters.shape }),
  role: 'embedding',

  *run(input, options, context) {
    if (typeof input === 'string') return yield* featureExtraction.run(input, options, context)
    const { hiddenSize, pooling } = context.model
    const dimensions = options.dimensions ?? hiddenSize
    if (dimensions < 1 || dimensions > hiddenSize) {
      throw invalid(`\`dimensions\` must be between 1 and ${hiddenSize}. Given: ${dimensions}`, 'dimensions')
    }
    const reads = { [HIDDEN]: options.pooling ?? pooling }
    const [reading] = yield [{ encoding: encodeIds(context, input, options), reads }]
    const vector = row(reading?.[HIDDEN] as Rows, 0).subarray(0, dimensions)
    return Array.from((options.normalize ?? true) ? normalize(vector) : vector)
  },
})

export const embedAll = defineTask({
  name: 'embed-all',
  description: 'The last hidden state of every token, [CLS] and [SEP] included, not normalised.',
  input: textOrIds,
  parameters,
  role: 'embedding',

  *run(input, options, context) {
    const [reading] = yield [{ encoding: encode(context, input, options), reads: { [HIDDEN]: 'all' } }]
    const hidden = reading?.[HIDDEN] as Rows
    return Array.from({ length: hidden.rows }, (_, r) => row(hidden, r))
  },
})

const MASKED_LM = 'fill-mask'

export const embedSparse = defineTask({
  name: 'embed-sparse',
  description: 'Weights of vocabulary entries: log(1 + relu(logit)), the largest over the tokens (SPLADE, 2021).',
  input: textOrIds,
  parameters,

  *run(input, options, context) {
    const [reading] = yield [{ encoding: encode(context, input, options), reads: { [MASKED_LM]: 'max' } }]
    return new SparseVector(row(reading?.[MASKED_LM] as Rows, 0))
  },
})

/**
 * The weights above zero. A masked-LM head that was not trained for it leaves about 10,000 of them, so they are kept
 * as numbers until the answer is written.
 */
class SparseVector {
  readonly #indices: Uint32Array
  readonly #values: Float32Array

  /** @param largest [vocabulary] the largest logit of each entry */
  constructor(largest: Float32Array) {
    this.#indices = Uint32Array.from(largest.keys()).filter((index) => (largest[index] as number) > 0)
    this.#values = Float32Array.from(this.#indices, (index) => Math.log1p(largest[index] as number))
  }

  toJSON(): { index: number; value: number }[] {
    return Array.from(this.#indices, (index, i) => ({ index, value: this.#values[i] as number }))
  }
}

/** One input of /predict: a text, or two that belong together. */
export const oneOrTwo = notEmpty(z.array(text).max(2))
export const predictInput = z.union([text, oneOrTwo])

export const predict = defineTask({
  name: 'predict',
  description: 'Sentiment of a text; whether the second text of a pair follows the first.',
  input: predictInput,
  parameters: z.object({
    ...truncation,
    raw_scores: z.boolean().nullish().describe('Logits instead of probabilities.'),
  }),

  *run(input, options, context) {
    const [first = '', second] = [input].flat()
    const function_to_apply = options.raw_scores ? ('none' as const) : null
    if (second === undefined) return yield* sentiment.run(first, { ...options, function_to_apply }, context)
    if (!options.raw_scores) return yield* nextSentencePrediction.run({ first, second }, options, context)
    const head = nextSentencePrediction.name
    const encoding = encodeText(context, first, options, { pair: second })
    const [reading] = yield [{ encoding, reads: { [head]: 'cls' } }]
    const logits = row(reading?.[head] as Rows, 0)
    const scores = context.model.labels(head).map((label, i) => ({ label, score: logits[i] as number }))
    return scores.toSorted((a, b) => b.score - a.score)
  },
})

function encode(context: TaskContext, input: z.infer<typeof textOrIds>, options: z.infer<typeof parameters>): Encoding {
  return typeof input === 'string' ? encodeText(context, input, options) : encodeIds(context, input, options)
}

/**
 * The ids as they are, between [CLS] and [SEP] where these are missing, cut to the model's maximum.
 * @throws ServiceError('validation') for an id outside the vocabulary, or too many with `truncate: false`
 */
function encodeIds(context: TaskContext, ids: readonly number[], options: z.infer<typeof parameters>): Encoding {
  const { tokenizer, maxLength } = context.model
  const { clsId, sepId, vocabSize } = tokenizer
  const unknown = ids.find((id) => id >= vocabSize)
  if (unknown !== undefined)
    throw invalid(`\`inputs\` has a token id that must be below ${vocabSize}. Given: ${unknown}`, 'inputs')
  const special = options.add_special_tokens ?? true
  const begin = ids[0] === clsId || special ? [clsId] : []
  const end = ids.at(-1) === sepId || special ? [sepId] : []
  const inner = ids.slice(ids[0] === clsId ? 1 : 0, ids.at(-1) === sepId ? -1 : undefined)
  const room = maxLength - begin.length - end.length
  if (inner.length > room) {
    const length = begin.length + inner.length + end.length
    if (options.truncate === false)
      throw invalid(`\`inputs\` must have at most ${maxLength} tokens. Given: ${length}`, 'inputs')
    context.notes.truncated()
  }
  const kept = options.truncation_direction?.toLowerCase() === 'left' ? inner.slice(-room) : inner.slice(0, room)
  const all = [...begin, ...kept, ...end]
  // No source text, so no offsets and no words.
  const columns = new Int32Array(4 * all.length)
  columns.set(all)
  return new Encoding(columns, { special: false, firstLength: all.length, secondLength: -1 }, false, [])
}
