/** What the four contracts for rerank have in common. */
import { z } from 'zod'
import type { Manifest } from '../../model/package.ts'
import { MAX_TEXTS } from '../../tasks/embed.ts'
import type { RankedDocument } from '../../tasks/rerank.ts'
import { text } from '../../tasks/text.ts'
import { answer, type Call, checkCount, resolveModel, resolveTask } from '../inference.ts'

/** Documents as Cohere's first API takes them, too: objects, of which a request may name the fields that count. */
export const documentList = z.array(z.union([text, z.looseObject({ text: text.nullish() })])).max(MAX_TEXTS)

export interface Ranking {
  readonly model: Manifest
  /** Best first. */
  readonly ranked: readonly RankedDocument[]
}

interface RankRequest {
  readonly model?: string | null | undefined
  readonly query: string
  readonly documents: readonly string[]
  /** What the contract calls the documents, for errors. */
  readonly field: string
  readonly parameters?: object
}

export async function rank(call: Call, request: RankRequest): Promise<Ranking> {
  const { query, documents, field, parameters } = request
  checkCount(documents, field, call.ports)
  const task = resolveTask('rerank')
  const model = await resolveModel(call, request.model, task.role)
  const names = { inputs: field, documents: field }
  const ranked = await answer(call, { task, model, inputs: { query, documents }, parameters, field: '', names })
  return { model, ranked: ranked as RankedDocument[] }
}
