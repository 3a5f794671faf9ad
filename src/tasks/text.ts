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
const CHARACTERS_PER_TOKEN = 250

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
 * @param tokens of one text, special tokens included, that is read by windows instead of being cut
 * @throws ServiceError('validation') with both numbers when they are too many
 */
export function checkLongText({ maxTextTokens }: TaskContext, tokens: number): void {
  if (tokens <= maxTextTokens) return
  throw invalid(`each of \`inputs\` must have at most ${maxTextTokens} tokens. Given: ${tokens}`, 'inputs')
}

/** @throws ServiceError('empty') when the list has no element. */
export function requireSome(list: readonly unknown[], name: string): void {
  if (list.length === 0) throw empty(`\`${name}\` cannot be empty`, name)
}
