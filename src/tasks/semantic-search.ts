/**
 * Semantic search over documents that come with the request: nearest by cosine of mean-pooled vectors (Sentence-BERT,
 * Reimers and Gurevych 2019). A document longer than the model's maximum is read up to there, and reported.
 */
import { z } from 'zod'
import { cosinesWith, documents, documentTexts } from './embed.ts'
import { topIndices } from './math.ts'
import { defineTask } from './task.ts'
import { requireSome, text, truncation } from './text.ts'

const parameters = z.object({
  ...truncation,
  top_k: z.int().min(1).max(1000).nullish().describe('How many documents; default 10.'),
})

export interface SearchHit {
  /** Position in `documents`. */
  index: number
  text: string
  /** Cosine with the query, in [-1, 1]. */
  score: number
}

export const semanticSearch = defineTask({
  name: 'semantic-search',
  description: 'Finds the documents of a list that answer or resemble a query.',
  input: z.object({ query: text, documents }),
  parameters,
  role: 'embedding',
  batch: false,

  /** Best first; documents of equal score keep their order. */
  *run({ query, documents }, options, context) {
    requireSome(documents, 'documents')
    const list = documentTexts(documents)
    const wanted = { name: 'query', value: query }
    const scores = yield* cosinesWith(wanted, { name: 'documents', value: list }, options, context)
    return topIndices(scores, options.top_k ?? 10).map(
      (index): SearchHit => ({ index, text: list[index] as string, score: scores[index] as number }),
    )
  },
})
