/**
 * Zero-shot classification by natural language inference (Yin et al. 2019): does the text entail "This example is
 * {label}."? One pass per label. Reference: transformers 4.57 ZeroShotClassificationPipeline.
 */
import { z } from 'zod'
import { empty, invalid } from '../errors.ts'
import type { Encoding } from '../tokenizer/index.ts'
import { softmax } from './math.ts'
import { defineTask, type Rows, type TaskContext, type TaskModel } from './task.ts'
import {
  CHARACTERS_PER_TOKEN,
  clip,
  directionOf,
  encodeText,
  limitReading,
  reportedOnce,
  shown,
  text,
  truncation,
} from './text.ts'
import type { LabelScore } from './text-classification.ts'

const HEAD = 'natural-language-inference'
const TEMPLATE = 'This example is {}.'
const MAX_LABELS = 1000
/** Of a template, and of a label in it: more than a pass can hold of any real language. */
const MAX_CHARACTERS = 4096

const parameters = z.object({
  ...truncation,
  candidate_labels: z
    .union(
      [z.string(), z.array(z.string()).max(MAX_LABELS)],
      'is required: a list of strings, or a comma-separated one',
    )
    .describe('The labels to choose from: a list, or a comma-separated string.'),
  multi_label: z.boolean().nullish().describe('Score each label on its own instead of one against the others.'),
  multi_class: z.boolean().nullish().describe('Old name of multi_label.'),
  hypothesis_template: z
    .string()
    .max(MAX_CHARACTERS)
    .nullish()
    .describe(`The sentence to test; {} is the label. Default "${TEMPLATE}"`),
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
    const encodings = encodePairs(input, labels, options, context)
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
      `\`candidate_labels\` must have at most ${MAX_LABELS} elements. Given: ${labels.length}`,
      'candidate_labels',
    )
  }
  return labels
}

/** Python's format, as far as one label can fill it: {} and {0} are the label, {{ and }} are braces. */
const FIELDS = /\{\{|\}\}|\{0?\}/g

const isSlot = (field: string) => field === '{}' || field === '{0}'

/** How often the label stands in a template; throws where it does not. */
function countSlots(template: string): number {
  const slots = template.match(FIELDS)?.filter(isSlot).length ?? 0
  if (slots > 0) return slots
  throw invalid(
    `The provided hypothesis_template "${shown(template)}" was not able to be formatted with the target labels. ` +
      'Make sure the passed template includes formatting syntax such as {} where the label should go.',
    'hypothesis_template',
  )
}

function fillTemplate(template: string, label: string): string {
  return template.replace(FIELDS, (field) => (field === '{{' ? '{' : field === '}}' ? '}' : label))
}

/**
 * Text and hypotheses as pairs; only the text is cut, and its cutting reported once. One label after the other is
 * filled in, so that the first that is too long is refused before there are others.
 */
function encodePairs(input: string, labels: readonly string[], options: Parameters, context: TaskContext): Encoding[] {
  const template = options.hypothesis_template ?? TEMPLATE
  const slots = countSlots(template)
  const { length } = fillTemplate(template, '')
  limitReading(context, input, labels.length, 'candidate_labels')
  const once = reportedOnce(context)
  const clipped = clipLeft(input, options, context)
  const encodings = labels.map((label) => {
    limitCharacters(length + slots * label.length)
    const pair = fillTemplate(template, label)
    limitTokens(pair, context.model)
    return encodeText(once, clipped, options, { pair, truncation: 'only_first' })
  })
  if (clipped !== input) once.notes.truncated()
  return encodings
}

/** Before a label is filled in, because it may stand in its template a thousand times. */
function limitCharacters(characters: number): void {
  if (characters <= MAX_CHARACTERS) return
  const most = `at most ${MAX_CHARACTERS} characters`
  throw invalid(`a label in its template must have ${most}. Given: ${characters}`, 'candidate_labels')
}

function limitTokens(hypothesis: string, { tokenizer, maxLength }: TaskModel): void {
  const room = maxLength - 4
  const whole = tokenizer.encode(hypothesis, { addSpecialTokens: false })
  if (whole.length <= room) return
  throw invalid(`a label in its template must have at most ${room} tokens. Given: ${whole.length}`, 'candidate_labels')
}

/**
 * When the left end is cut, the tokenizer reads all of a text to know its end: cuts it to the words that a pass can
 * hold, so that a long one is not read again for every label.
 */
function clipLeft(input: string, options: Parameters, { model }: TaskContext): string {
  if (options.truncate === false || directionOf(options) !== 'left') return input
  const end = clip(input, model.maxLength * CHARACTERS_PER_TOKEN, 'left')
  const { length, starts, wordIds } = model.tokenizer.encode(end, { addSpecialTokens: false })
  let from = Math.max(0, length - model.maxLength)
  while (from > 0 && wordIds[from - 1] === wordIds[from]) from--
  return from === 0 ? end : end.slice(starts[from])
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
