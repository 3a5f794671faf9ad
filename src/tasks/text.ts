/** How tasks turn texts into encodings: one place for truncation, its report and its refusal. */
import { type ZodType, z } from 'zod'
import { empty, invalid } from '../errors.ts'
import type { EncodeOptions, Encoding } from '../tokenizer/index.ts'
import type { Asked, TaskContext } from './task.ts'

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

/** A text over the model's maximum is counted to so many times the maximum: two megabytes may be two million tokens. */
const COUNTED = 4

/** What the answers of a request may repeat of its texts, in characters: more would not fit into an isolate. */
const MOST_REPEATED = 5_000_000

/** Characters of texts that are read again and again: some seconds, where they are one word that no vocabulary has. */
const MOST_READ = 20_000_000

/**
 * Encodes a text (or pair) for one pass, at most `model.maxLength` tokens.
 * @param name what the caller calls the text
 * @throws ServiceError('validation') with both numbers when it is longer and `truncate` is false.
 */
export function encodeText(
  context: TaskContext,
  value: string,
  parameters: Truncate,
  options: Omit<EncodeOptions, 'maxLength' | 'stride'> = {},
  name = 'inputs',
): Encoding {
  const { model, notes } = context
  if (parameters.truncate === false) return encodeWhole(context, value, options, name)
  const truncationDirection = directionOf(parameters)
  const limit = model.maxLength * CHARACTERS_PER_TOKEN
  const clipped = clip(value, limit, truncationDirection)
  const pair = options.pair === undefined ? {} : { pair: clip(options.pair, limit, truncationDirection) }
  const encoding = model.tokenizer.encode(clipped, {
    ...options,
    ...pair,
    maxLength: model.maxLength,
    truncationDirection,
  })
  if (encoding.truncated || clipped !== value || pair.pair !== options.pair) notes.truncated()
  return encoding
}

function encodeWhole(
  { model }: TaskContext,
  value: string,
  options: Omit<EncodeOptions, 'maxLength' | 'stride'>,
  name: string,
): Encoding {
  const most = model.maxLength
  // For the odd number see encodeLongText. Which text would be cut does not matter: what is cut is refused.
  const maxLength = COUNTED * most + 1
  const encoding = model.tokenizer.encode(value, { ...options, maxLength, truncation: 'longest_first' })
  if (encoding.length <= most) return encoding
  const field = name.replace(/\[.*/, '')
  throw invalid(`\`${name}\` must have at most ${most} tokens. Given: ${counted(encoding)}`, field)
}

/** Which end is cut. */
export function directionOf({ truncation_direction }: Truncate): 'left' | 'right' {
  return truncation_direction?.toLowerCase() === 'left' ? 'left' : 'right'
}

/** A text without what is over so many characters at the end that is cut. */
export function clip(value: string, limit: number, direction: 'left' | 'right'): string {
  if (value.length <= limit) return value
  return direction === 'left' ? value.slice(-limit) : value.slice(0, limit)
}

/** The length of an encoding for a message, which says so where it was not counted to its end. */
export function counted({ length, truncated }: Encoding): string {
  return `${truncated ? 'more than ' : ''}${length}`
}

/** The beginning of what a caller gave, for a message. */
export function shown(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 40)}…`
}

/**
 * Counts the characters of texts that answers repeat.
 * @param answers how many of them, in words
 * @throws ServiceError('validation') with both numbers when those of the request are more than an isolate can hold
 */
export function limitRepeats(asked: Asked, characters: number, answers: string, field = 'sequence'): void {
  asked.characters += characters
  if (asked.characters <= MOST_REPEATED) return
  const given = `${asked.characters} for ${answers}`
  throw invalid(
    `the texts in \`${field}\` must have at most ${MOST_REPEATED} characters in all. Given: ${given}`,
    'top_k',
  )
}

/**
 * Counts the characters of a text that is read `times` times, as far as a pass reads it.
 * @throws ServiceError('validation') with both numbers when those of the request would take seconds
 */
export function limitReading({ asked, model }: TaskContext, value: string, times: number, field: string): void {
  asked.readAgain += times * Math.min(value.length, model.maxLength * CHARACTERS_PER_TOKEN)
  if (asked.readAgain <= MOST_READ) return
  throw invalid(
    `the texts, read once for each of \`${field}\`, must have at most ${MOST_READ} characters in all. Given: ${asked.readAgain}`,
    field,
  )
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
  const given = counted(encoding)
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
