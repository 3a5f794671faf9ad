/**
 * Zero-shot classification by natural language inference (Yin et al. 2019): does the text entail "This example is
 * {label}."? One pass per label. Reference: transformers 4.57 ZeroShotClassificationPipeline.
 */
import { z } from 'zod'
import { empty, invalid } from '../errors.ts'
import type { Encoding } from '../tokenizer/index.ts'
import { softmax } from './math.ts'
import { defineTask, type Rows, type TaskContext } from './task.ts'
import { encodeText, reportedOnce, text, truncation } from './text.ts'
import type { LabelScore } from './text-classification.ts'

const HEAD = 'natural-language-inference'
const TEMPLATE = 'This example is {}.'
const MAX_LABELS = 1000

const parameters = z.object({
  ...truncation,
  candidate_labels: z
    .union([z.string(), z.array(z.string())], 'is required: a list of strings, or a comma-separated one')
    .describe('The labels to choose from: a list, or a comma-separated string.'),
  multi_label: z.boolean().nullish().describe('Score each label on its own instead of one against the others.'),
  multi_class: z.boolean().nullish().describe('Old name of multi_label.'),
  hypothesis_template: z.string().nullish().describe(`The sentence to test; {} is the label. Default "${TEMPLATE}"`),
})

type Parameters = z.infer<typeof parameters>

export const zeroShotClassification = defineTask({
  name: 'zero-shot-classification',
  description: 'Scores a text against labels that the caller makes up.',
  input: text,
  parameters,

  *run(input, options, context) {
    const roles = labelRoles(context.model.labels(HEAD))
    const labels = candidateLabels(options.candidate_labels)
    const hypotheses = fillTemplate(options.hypothesis_template ?? TEMPLATE, labels)
    const encodings = encodePairs(input, hypotheses, options, context)
    const readings = yield encodings.map((encoding) => ({ encoding, reads: { [HEAD]: 'cls' } }))
    const logits = readings.map((reading) => (reading[HEAD] as Rows).data)
    const alone = (options.multi_class ?? options.multi_label ?? false) || labels.length === 1
    return rank(labels, decodeEntailment(logits, roles, alone))
  },
})

interface Roles {
  readonly entailment: number
  readonly contradiction: number
}

/** Which logit says what, by the reference's rule: "entail…" by name, contradiction first or, if that is taken, last. */
function labelRoles(labels: readonly string[]): Roles {
  const entailment = labels.findIndex((label) => label.toLowerCase().startsWith('entail'))
  if (entailment === -1) {
    throw invalid(
      `zero-shot needs a label that starts with "entail"; the head's labels are ${labels.join(', ')}`,
      'model',
    )
  }
  return { entailment, contradiction: entailment === 0 ? labels.length - 1 : 0 }
}

function candidateLabels(given: Parameters['candidate_labels']): string[] {
  const labels =
    typeof given === 'string'
      ? given
          .split(',')
          .map((label) => label.trim())
          .filter((label) => label !== '')
      : given
  if (labels.length === 0) {
    throw empty('You must include at least one label and at least one sequence.', 'candidate_labels')
  }
  if (labels.length > MAX_LABELS) {
    throw invalid(
      `\`candidate_labels\` must have at most ${MAX_LABELS} labels. Given: ${labels.length}`,
      'candidate_labels',
    )
  }
  return labels
}

/** Python's format, as far as one label can fill it: {} and {0} are the label, {{ and }} are braces. */
function fillTemplate(template: string, labels: readonly string[]): string[] {
  const parts = /\{\{|\}\}|\{0?\}/g
  if (!template.match(parts)?.some((part) => part === '{}' || part === '{0}')) {
    throw invalid(
      `The provided hypothesis_template "${template}" was not able to be formatted with the target labels. ` +
        'Make sure the passed template includes formatting syntax such as {} where the label should go.',
      'hypothesis_template',
    )
  }
  return labels.map((label) => template.replace(parts, (part) => (part === '{{' ? '{' : part === '}}' ? '}' : label)))
}

/** Text and hypothesis as pairs; only the text is cut, and its cutting reported once. */
function encodePairs(
  input: string,
  hypotheses: readonly string[],
  options: Parameters,
  context: TaskContext,
): Encoding[] {
  const { model } = context
  const once = reportedOnce(context)
  const clipped = clipLeft(input, options, context)
  const encodings = hypotheses.map((pair) => {
    const { length } = model.tokenizer.encode(pair, { addSpecialTokens: false })
    const room = model.maxLength - 4
    if (length > room) {
      throw invalid(`a label in its template must have at most ${room} tokens. Given: ${length}`, 'candidate_labels')
    }
    return encodeText(once, clipped, options, { pair, truncation: 'only_first' })
  })
  if (clipped !== input) once.notes.truncated()
  return encodings
}

/**
 * When the left end is cut, the tokenizer reads all of a text to know its end: cuts it to the words that a pass can
 * hold, so that a long one is not read again for every label.
 */
function clipLeft(input: string, options: Parameters, { model }: TaskContext): string {
  if (options.truncate === false || options.truncation_direction?.toLowerCase() !== 'left') return input
  const { length, starts, wordIds } = model.tokenizer.encode(input, { addSpecialTokens: false })
  let from = Math.max(0, length - model.maxLength)
  while (from > 0 && wordIds[from - 1] === wordIds[from]) from--
  return from === 0 ? input : input.slice(starts[from])
}

/**
 * @param logits one row of the NLI head per label
 * @param alone each label against its own contradiction; else all entailments against each other
 */
export function decodeEntailment(logits: readonly Float32Array[], roles: Roles, alone: boolean): Float64Array {
  const entailments = logits.map((values) => values[roles.entailment] as number)
  if (!alone) return softmax(entailments)
  return Float64Array.from(logits, (values, label) => {
    return softmax([values[roles.contradiction] as number, entailments[label] as number])[1] as number
  })
}

/** By falling score; of equal ones the later label first, as the reference. */
function rank(labels: readonly string[], scores: Float64Array): LabelScore[] {
  return labels
    .map((label, index) => ({ label, score: scores[index] as number, index }))
    .sort((a, b) => b.score - a.score || b.index - a.index)
    .map(({ label, score }) => ({ label, score }))
}
