/** How tasks turn texts into encodings: one place for truncation, its report and its refusal. */
import { type ZodType, z } from 'zod'
import { empty, invalid } from '../errors.ts'
import type { EncodeOptions, Encoding } from '../tokenizer/index.ts'
import type { TaskContext } from './task.ts'

/** A string or list of which length 0 is an error of its own kind. */
export function notEmpty<Schema extends ZodType<{ readonly length: number }>>(schema: Schema): Schema {
  return schema.superRefine((value, context) => {
    if (value.length === 0) context.addIssue({ code: 'custom', message: 'cannot be empty', params: { empty: true } })
  })
}

/** A text of at least one UTF-16 unit. Text that cleans up to nothing is still a text. */
export const text = notEmpty(z.string())

/** Parameters that every truncating task takes. */
export const truncation = {
  truncate: z.boolean().nullish().describe('Cut texts over the model maximum (default true) instead of refusing them.'),
  truncation_direction: z
    .enum(['left', 'right', 'Left', 'Right'])
    .nullish()
    .describe('Which end is cut; default right.'),
}

interface Truncate {
  truncate?: boolean | null | undefined
  truncation_direction?: 'left' | 'right' | 'Left' | 'Right' | null | undefined
}

/** No token is longer than this many characters on average in real text; more is cut before it costs time. */
export const CHARACTERS_PER_TOKEN = 250

/**
 * Encodes a text (or pair) for one pass, at most `model.maxLength` tokens.
 * @throws ServiceError('validation') with both numbers when it is longer and `truncate` is false.
 */
export function encodeText(
  context: TaskContext,
  value: string,
  parameters: Truncate,
  options: Omit<EncodeOptions, 'maxLength' | 'stride'> = {},
): Encoding {
  const { model, notes } = context
  const truncate = parameters.truncate ?? true
  const truncationDirection = parameters.truncation_direction?.toLowerCase() === 'left' ? 'left' : 'right'
  if (!truncate) {
    const encoding = model.tokenizer.encode(value, options)
    if (encoding.length > model.maxLength) {
      throw invalid(`\`inputs\` must have at most ${model.maxLength} tokens. Given: ${encoding.length}`, 'inputs')
    }
    return encoding
  }
  const limit = model.maxLength * CHARACTERS_PER_TOKEN
  const clipped =
    value.length <= limit ? value : truncationDirection === 'left' ? value.slice(-limit) : value.slice(0, limit)
  const encoding = model.tokenizer.encode(clipped, { ...options, maxLength: model.maxLength, truncationDirection })
  if (encoding.truncated || clipped !== value) notes.truncated()
  return encoding
}

/**
 * Encodes a text (or pair) that is read by windows instead of being cut.
 * @throws ServiceError('validation') with both numbers when it has more tokens, special tokens included, than one text
 *   may have; far over that they are not all counted, because two megabytes may be two million of them
 */
export function encodeLongText({ model, maxTextTokens }: TaskContext, value: string, pair?: string): Encoding {
  // An odd number: a pair that is cut leaves an even one to its texts, and neither has to be read to its end.
  const maxLength = 2 * maxTextTokens + 1
  const encoding = model.tokenizer.encode(value, { maxLength, ...(pair === undefined ? {} : { pair }) })
  if (encoding.length <= maxTextTokens) return encoding
  const given = `${encoding.truncated ? 'more than ' : ''}${encoding.length}`
  throw invalid(`each of \`inputs\` must have at most ${maxTextTokens} tokens. Given: ${given}`, 'inputs')
}

/** For an input of several passes: its truncation is reported once, however many of them are cut. */
export function reportedOnce(context: TaskContext): TaskContext {
  let reported = false
  const truncated = () => {
    if (!reported) context.notes.truncated()
    reported = true
  }
  return { ...context, notes: { ...context.notes, truncated } }
}

/** @throws ServiceError('empty') when the list has no element. */
export function requireSome(list: readonly unknown[], name: string): void {
  if (list.length === 0) throw empty(`\`${name}\` cannot be empty`, name)
}
