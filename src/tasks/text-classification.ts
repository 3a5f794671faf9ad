/**
 * Text classification with a head on the [CLS] row (Devlin et al. 2019, §4.1): sentiment, emotion, toxicity, topic,
 * acceptability, and heads that take pairs. Reference: transformers 4.57 TextClassificationPipeline.
 */
import { type ZodType, z } from 'zod'
import { ServiceError } from '../errors.ts'
import { row, sigmoid, softmax, topIndices } from './math.ts'
import { defineTask, type Rows, type Task, type TaskModel } from './task.ts'
import { encodeText, text, truncation } from './text.ts'

const input = z.union([text, z.object({ text, text_pair: z.string().nullish() })])

/** What heads that compare two texts take. */
const pairs = input.refine(
  (value) => typeof value !== 'string' && Boolean(value.text_pair),
  'must be {text, text_pair}, both not empty: this head compares two texts',
)

/** A pair by the names that natural language inference has for it. */
const premiseAndHypothesis = z
  .object({ premise: text, hypothesis: text })
  .transform(({ premise, hypothesis }) => ({ text: premise, text_pair: hypothesis }))

const parameters = z.object({
  ...truncation,
  top_k: z.int().min(1).max(1000).nullish().describe('How many labels; default all.'),
  function_to_apply: z
    .enum(['sigmoid', 'softmax', 'none', 'default'])
    .nullish()
    .describe('How logits become scores; default softmax, or sigmoid where the head has one label or is multi-label.'),
})

export type TextOrPair = z.infer<typeof input>

export interface LabelScore {
  label: string
  score: number
}

type Classification = Task<TextOrPair, z.infer<typeof parameters>, LabelScore[]>

/**
 * A classification task on one head; a model without that head answers with its first head for the task of this name.
 * The answer lists labels by falling score.
 */
export function classification(
  name: string,
  head: string,
  description: string,
  accepted: ZodType<TextOrPair> = input,
): Classification {
  return defineTask({
    name,
    description,
    input: accepted,
    parameters,
    listed: true,

    *run(value, options, context) {
      const used = headOf(context.model, name, head)
      const labels = context.model.labels(used)
      const { text: first, text_pair: pair } = typeof value === 'string' ? { text: value, text_pair: null } : value
      const encoding = encodeText(context, first, options, pair ? { pair } : {})
      const [reading] = yield [{ encoding, reads: { [used]: 'cls' } }]
      const logits = row(reading?.[used] as Rows, 0)
      const usual = logits.length === 1 || context.model.isMultiLabel(used) ? 'sigmoid' : 'softmax'
      return rankLabels(labels, applyFunction(logits, options.function_to_apply, usual), options.top_k ?? labels.length)
    },
  })
}

export const textClassification = classification(
  'text-classification',
  'sentiment',
  'Classifies a text; sentiment unless the path names another head or the model has none for that.',
)
export const sentiment = classification('sentiment', 'sentiment', 'Whether a text is positive or negative.')
export const emotion = classification('emotion', 'emotion', 'Sadness, joy, love, anger, fear or surprise.')
export const toxicity = classification('toxicity', 'toxicity', 'Whether a text is toxic.')
export const topic = classification('topic', 'topic', 'World, Sports, Business or Sci/Tech.')
export const acceptability = classification('acceptability', 'acceptability', 'Whether a sentence is good English.')
export const naturalLanguageInference = classification(
  'natural-language-inference',
  'natural-language-inference',
  'Whether a text (the premise) entails another (the hypothesis), contradicts it or says nothing about it.',
  z.union([premiseAndHypothesis, pairs]),
)
export const paraphrase = classification('paraphrase', 'paraphrase', 'Whether two texts say the same.', pairs)

/** A classification head of a model by its own name, for heads that no task of the registry is named after. */
export function headClassification(head: string, takesPairs: boolean): Classification {
  return classification(head, head, `The head ${head}.`, takesPairs ? pairs : input)
}

function headOf(model: TaskModel, task: string, preferred: string): string {
  return model.hasHead(preferred) ? preferred : (model.headsFor(task)[0] ?? preferred)
}

type Activation = 'sigmoid' | 'softmax'

/** Logits to scores, as the reference's `function_to_apply`. */
function applyFunction(logits: Float32Array, name: string | null | undefined, usual: Activation): ArrayLike<number> {
  if (name === 'none') return logits
  const activation = name === 'sigmoid' || name === 'softmax' ? name : usual
  return activation === 'sigmoid' ? Array.from(logits, sigmoid) : softmax(logits)
}

/** @throws ServiceError('model-unavailable') when a head gives another number of scores than it has labels. */
export function rankLabels(labels: readonly string[], scores: ArrayLike<number>, topK: number): LabelScore[] {
  if (labels.length !== scores.length)
    throw new ServiceError(
      'model-unavailable',
      `model_unavailable: the head gave ${scores.length} scores for ${labels.length} labels`,
    )
  return topIndices(scores, topK).map((i) => ({ label: labels[i] as string, score: scores[i] as number }))
}
