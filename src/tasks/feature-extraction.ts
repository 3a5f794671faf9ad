/**
 * Feature extraction: one vector for a text, from the last hidden states. Pooling as in Sentence-BERT (Reimers and
 * Gurevych 2019): mean over the tokens, the [CLS] row, or the maximum of each dimension.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { row } from './math.ts'
import { defineTask, HIDDEN, type Rows } from './task.ts'
import { encodeText, text, truncation } from './text.ts'

export const embeddingParameters = z.object({
  ...truncation,
  normalize: z.boolean().nullish().describe('L2-normalise the vector (default true).'),
  pooling: z.enum(['mean', 'cls', 'max']).nullish().describe("Default: the model's own."),
  dimensions: z.int().nullish().describe('Keep only the first so many dimensions (before normalising).'),
  prompt: z.string().nullish().describe('Text put before each input, as models with instructions expect.'),
  prompt_name: z.string().nullish().describe("A model's own prompt; the default models have none, so it only warns."),
})

export const featureExtraction = defineTask({
  name: 'feature-extraction',
  description: 'Turns a text into a vector that says what it means.',
  input: text,
  parameters: embeddingParameters,
  role: 'embedding',

  *run(input, options, context) {
    const { hiddenSize, pooling } = context.model
    const dimensions = options.dimensions ?? hiddenSize
    if (dimensions < 1 || dimensions > hiddenSize) {
      throw invalid(`\`dimensions\` must be between 1 and ${hiddenSize}. Given: ${dimensions}`, 'dimensions')
    }
    if (options.prompt_name) {
      context.notes.warn(`prompt_name "${options.prompt_name}" is not applied: ${context.model.id} has no prompts`)
    }
    const encoding = encodeText(context, (options.prompt ?? '') + input, options)
    const [reading] = yield [{ encoding, reads: { [HIDDEN]: options.pooling ?? pooling } }]
    const vector = row(reading?.[HIDDEN] as Rows, 0).subarray(0, dimensions)
    return Array.from((options.normalize ?? true) ? normalize(vector) : vector)
  },
})

/** The vector over its L2 norm; a vector of zeros stays as it is. */
export function normalize(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const norm = Math.sqrt(squares)
  return norm === 0 ? vector.slice() : vector.map((value) => value / norm)
}
