/**
 * Sentence similarity: how near in meaning each sentence is to one source sentence; the cosine of their vectors
 * (Sentence-BERT, Reimers and Gurevych 2019). The hub's task of that name, and text-embeddings-inference's /similarity.
 */
import { z } from 'zod'
import { cosinesWith, texts } from './embed.ts'
import { defineTask } from './task.ts'
import { requireSome, text, truncation } from './text.ts'

export const sentenceSimilarity = defineTask({
  name: 'sentence-similarity',
  description: 'How near in meaning each of a list of sentences is to one sentence.',
  input: z.object({ source_sentence: text, sentences: texts }),
  parameters: z.object(truncation),
  role: 'embedding',
  batch: false,

  /** Cosines in the order of `sentences`, in [-1, 1] up to rounding, not clamped. */
  *run({ source_sentence, sentences }, options, context) {
    requireSome(sentences, 'sentences')
    const source = { name: 'source_sentence', value: source_sentence }
    return yield* cosinesWith(source, { name: 'sentences', value: sentences }, options, context)
  },
})
