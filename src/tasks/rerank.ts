/**
 * Rerank: orders documents by relevance to a query. A bi-encoder (Sentence-BERT, Reimers and Gurevych 2019) scores
 * them: any embedding model can, and the score (1 + cosine) / 2 lies in [0, 1] as rerankers' clients expect. A cross-
 * encoder would read each pair together; no default model has such a head.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { cosinesWith, documents, documentTexts } from './embed.ts'
import { topIndices } from './math.ts'
import { defineTask } from './task.ts'
import { requireSome, text, truncation } from './text.ts'

const parameters = z.object({
  ...truncation,
  top_n: z.int().min(1).nullish().describe('How many documents; default all.'),
  return_documents: z.boolean().nullish().describe('Repeat the text of each document (default false).'),
  raw_scores: z.boolean().nullish().describe('Scores as cosines in [-1, 1] instead of (1 + cosine) / 2.'),
})

export interface RankedDocument {
  /** Position in the list that was given. */
  index: number
  score: number
  document?: string
}

export const rerank = defineTask({
  name: 'rerank',
  description: 'Orders documents by how well they fit a query.',
  input: z.object({
    query: text,
    documents: documents.nullish(),
    texts: documents.nullish().describe('Another name of `documents`.'),
  }),
  parameters,
  role: 'embedding',
  batch: false,

  /** Best first; documents of equal score keep their order. */
  *run(input, options, context) {
    const given = input.documents ?? input.texts
    if (!given) throw invalid('`documents` is required', 'documents')
    const field = input.documents ? 'documents' : 'texts'
    requireSome(given, field)
    const list = documentTexts(given)
    const query = { name: 'query', value: input.query }
    const cosines = yield* cosinesWith(query, { name: field, value: list }, options, context)
    return topIndices(cosines, options.top_n ?? list.length).map((index): RankedDocument => {
      const score = options.raw_scores ? (cosines[index] as number) : toUnit(cosines[index] as number)
      return { index, score, ...(options.return_documents ? { document: list[index] as string } : {}) }
    })
  },
})

/** A cosine as a score in [0, 1]; rounding may put the cosine of equal texts a hair over 1. */
function toUnit(cosine: number): number {
  return Math.min(1, Math.max(0, (1 + cosine) / 2))
}
