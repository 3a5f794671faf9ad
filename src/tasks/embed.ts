/** Vectors for tasks that compare the texts of one list. */
import { z } from 'zod'
import { normalize } from './feature-extraction.ts'
import { dot, row } from './math.ts'
import { HIDDEN, type Rows, type Steps, type TaskContext } from './task.ts'
import { encodeText, text, type truncation } from './text.ts'

/** The longest list of texts in one request. Comparing all of them in pairs takes about a second. */
export const MAX_TEXTS = 2_048

/** A list of texts; that it is not empty is checked by `requireSome`, which makes that error its own kind. */
export const texts = z.array(text).max(MAX_TEXTS)

/** Documents to search: plain strings, or objects with a `text` as some clients send them. */
export const documents = z.array(z.union([text, z.object({ text })])).max(MAX_TEXTS)

export function documentTexts(list: z.infer<typeof documents>): string[] {
  return list.map((document) => (typeof document === 'string' ? document : document.text))
}

type Truncation = z.infer<z.ZodObject<typeof truncation>>

/**
 * One unit vector a text, pooled as the model says (Reimers and Gurevych 2019). All passes are asked for at once;
 * a text that occurs twice is encoded once.
 * @param nameOf what the caller calls the text at a position, for errors
 * @returns [texts][hidden_size], in order; the dot product of two is their cosine
 */
export function* embedTexts(
  list: readonly string[],
  parameters: Truncation,
  context: TaskContext,
  nameOf: (index: number) => string,
): Steps<Float32Array[]> {
  const { pooling } = context.model
  const cut = new Set<string>()
  const firsts = new Map<string, number>()
  for (const [i, value] of list.entries()) if (!firsts.has(value)) firsts.set(value, i)
  const passes = [...firsts].map(([value, i]) => {
    const notes = { ...context.notes, truncated: () => void cut.add(value) }
    const encoding = encodeText({ ...context, notes }, value, parameters, {}, nameOf(i))
    return { encoding, reads: { [HIDDEN]: pooling } }
  })
  for (const value of list) if (cut.has(value)) context.notes.truncated()
  const readings = yield passes
  const vectors = new Map(
    [...firsts.keys()].map((value, i) => [value, normalize(row(readings[i]?.[HIDDEN] as Rows, 0))]),
  )
  return list.map((value) => vectors.get(value) as Float32Array)
}

interface Named<Value> {
  /** What the caller calls it, for errors. */
  readonly name: string
  readonly value: Value
}

/** @returns the cosine of one text with each of a list, in its order; in [-1, 1] up to rounding */
export function* cosinesWith(
  one: Named<string>,
  list: Named<readonly string[]>,
  parameters: Truncation,
  context: TaskContext,
): Steps<number[]> {
  const nameOf = (i: number) => (i === 0 ? one.name : `${list.name}[${i - 1}]`)
  const [first, ...others] = yield* embedTexts([one.value, ...list.value], parameters, context, nameOf)
  return others.map((vector) => dot(first as Float32Array, vector))
}
