/** Cloudflare's own Workers AI over REST: `client.ai.run(model, …)` with another base URL. */
import { z } from 'zod'
import { type ErrorKind, invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import { MAX_TEXTS, texts } from '../../tasks/embed.ts'
import { text } from '../../tasks/text.ts'
import type { LabelScore } from '../../tasks/text-classification.ts'
import { type AppContext, afterPrefix, type Body, callOf, readJson } from '../http.ts'
import { answerAll, type Call, parse, resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import { type Family, type Route, STATUS } from './family.ts'
import { rank } from './ranking.ts'

/** Codes of Workers AI and, for keys and paths, of Cloudflare's API. */
const CODE: Readonly<Record<ErrorKind, number>> = {
  empty: 5006,
  validation: 5006,
  malformed: 5006,
  'too-large': 3006,
  'not-found': 5007,
  unauthorized: 10000,
  overloaded: 3040,
  'model-unavailable': 5004,
  internal: 3043,
}

const oneOrMany = z.union([text, texts])
const truncate_inputs = z.boolean().nullish().describe('false refuses texts over the model maximum; default true.')
const embeddingRequest = z.object({
  text: oneOrMany,
  pooling: z.enum(['mean', 'cls']).nullish().describe("Default the model's own."),
  truncate_inputs,
})
const contexts = z.array(z.object({ text })).max(MAX_TEXTS)
const rerankRequest = z.object({ query: text, contexts, top_k: z.int().min(1).nullish(), truncate_inputs })
const contextsRequest = z.object({ contexts, truncate_inputs })
const classificationRequest = z.object({ text: oneOrMany })
const labels = z.array(z.object({ label: z.string(), score: z.number() }))
const result = z.union([
  z.object({ shape: z.array(z.int()), data: z.array(z.array(z.number())), pooling: z.string() }),
  z.object({ response: z.array(z.object({ id: z.int(), score: z.number() })) }),
  z.object({ response: z.array(z.array(z.number())), shape: z.array(z.int()), pooling: z.string() }),
  labels,
  z.array(labels),
])
const answer = z.object({
  result,
  success: z.literal(true),
  errors: z.array(z.never()),
  messages: z.array(z.never()),
})

const PREFIX = /^\/client\/v4\/accounts\/[^/]+\/ai\/run\//
const path = '/client/v4/accounts/{account_id}/ai/run/{model_name}'

export const workersAi: Family = {
  name: 'Workers AI',
  owns: (path) => /^\/client\/v4(\/|$)/.test(path),
  error: (error) => ({
    status: STATUS[error.kind],
    body: {
      result: null,
      success: false,
      errors: [{ code: CODE[error.kind], message: error.message }],
      messages: [],
    },
  }),

  routes: (ports): readonly Route[] => [
    {
      method: 'post',
      paths: ['/client/v4/accounts/:account/ai/run/*'],
      handle: async (c) => ({ result: await run(c, ports), success: true, errors: [], messages: [] }),
      operations: [
        {
          path,
          summary: 'Runs a model by its Workers AI name: embeddings, rerank or classification, by model and body.',
          body: z.union([rerankRequest, contextsRequest, embeddingRequest, classificationRequest]),
          example: { text: ['A man plays a guitar.'], pooling: 'mean' },
          placeholders: { account_id: 'any', model_name: '@cf/baai/bge-small-en-v1.5' },
          answer,
        },
      ],
    },
  ],
}

async function run(c: AppContext, ports: Ports): Promise<z.infer<typeof result>> {
  return runWorkersAi(callOf(c, ports), afterPrefix(c, PREFIX), await readJson(c))
}

/** What `env.AI.run(name, body)` gives. */
export async function runWorkersAi(call: Call, name: string, body: Body): Promise<z.infer<typeof result>> {
  const model = await resolveModel(call, name, 'embedding')
  // bge-m3 embeds contexts that come without a query; a reranker has to have one.
  if (body.contexts && !body.query && !/rerank/.test(name)) return embedContexts(call, model, body)
  if (body.contexts !== undefined || body.query !== undefined) return rerank(call, name, body)
  return model.default_task === 'feature-extraction' ? embed(call, model, body) : classify(call, model, body)
}

async function embed(call: Call, model: Manifest, body: Body) {
  const request = parse(embeddingRequest, body, '')
  const pooling = request.pooling ?? model.pooling
  const parameters = { pooling, truncate: request.truncate_inputs }
  const data = await vectorsOf(call, model, [request.text].flat(), parameters, 'text')
  return { shape: [data.length, model.hidden_size], data, pooling }
}

async function embedContexts(call: Call, model: Manifest, body: Body) {
  const request = parse(contextsRequest, body, '')
  const inputs = request.contexts.map((context) => context.text)
  const { pooling } = model
  const parameters = { pooling, truncate: request.truncate_inputs }
  const response = await vectorsOf(call, model, inputs, parameters, 'contexts')
  return { response, shape: [response.length, model.hidden_size], pooling }
}

async function vectorsOf(call: Call, model: Manifest, inputs: string[], parameters: object, field: string) {
  const task = resolveTask('feature-extraction')
  return (await answerAll(call, { task, model, inputs, parameters, field })) as number[][]
}

async function rerank(call: Call, model: string, body: Body) {
  const request = parse(rerankRequest, body, '')
  const { ranked } = await rank(call, {
    model,
    query: request.query,
    documents: request.contexts.map((context) => context.text),
    field: 'contexts',
    parameters: { top_n: request.top_k, truncate: request.truncate_inputs },
  })
  return { response: ranked.map(({ index, score }) => ({ id: index, score })) }
}

/** Labels in upper case, in the order of the head and not of the scores, as distilbert-sst-2-int8 has them. */
async function classify(call: Call, model: Manifest, body: Body) {
  const request = parse(classificationRequest, body, '')
  const task = resolveTask('sentiment')
  const order = model.heads.sentiment?.labels
  if (!order) throw invalid(`model ${model.id} answers no { text }; it has no head "sentiment"`, 'model')
  const inputs = [request.text].flat()
  const answers = (await answerAll(call, { task, model, inputs, parameters: {}, field: 'text' })) as LabelScore[][]
  const lists = answers.map((scores) =>
    order.map((label) => ({
      label: label.toUpperCase(),
      score: scores.find((score) => score.label === label)?.score ?? 0,
    })),
  )
  return typeof request.text === 'string' ? (lists[0] as LabelScore[]) : lists
}
