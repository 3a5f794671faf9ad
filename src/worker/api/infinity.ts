/** Infinity's API: OpenAI's embeddings at the root, rerank and classify; `/rerank` is shared with TEI, by the body. */
import { z } from 'zod'
import { texts } from '../../tasks/embed.ts'
import { text } from '../../tasks/text.ts'
import { type AppContext, callOf, readJson } from '../http.ts'
import { answerAll, parse, resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import { type Family, type Route, STATUS } from './family.ts'
import { listModels, manifests, modelSchema } from './models.ts'
import { embeddingRequest, embeddingResponse, embeddings, openAiError } from './openai.ts'
import { documentList, rank } from './ranking.ts'

const envelope = {
  id: z.string(),
  created: z.int(),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
}
const rerankRequest = z.object({
  model: z.string().nullish(),
  query: text,
  documents: documentList,
  return_documents: z.boolean().nullish(),
  raw_scores: z.boolean().nullish().describe('Cosines instead of (1 + cosine) / 2.'),
  top_n: z.int().min(1).nullish(),
})
const rerankResponse = z.object({
  object: z.literal('rerank'),
  results: z.array(z.object({ relevance_score: z.number(), index: z.int(), document: z.string().optional() })),
  ...envelope,
})
const classifyRequest = z.object({
  model: z.string().nullish(),
  input: texts,
  raw_scores: z.boolean().nullish().describe('Logits instead of probabilities.'),
})
const classifyResponse = z.object({
  object: z.literal('classify'),
  data: z.array(z.array(z.object({ label: z.string(), score: z.number() }))),
  ...envelope,
})

export const infinity: Family = {
  name: 'Infinity',
  owns: (path) => /^\/(embeddings|classify|models)$/.test(path),
  // /rerank is TEI's unless the body shows Infinity's field.
  shared: { paths: ['/rerank'], speaks: (body) => body.documents !== undefined && body.texts === undefined },

  /** OpenAI's shape; with a fault in the body Infinity is a FastAPI server and lists it under `detail`, too. */
  error(error) {
    if (error.kind === 'unauthorized') return { status: 401, body: { detail: 'Unauthorized' } }
    const detail = { type: error.kind, loc: ['body', ...keysOf(error.param)], msg: error.message }
    return {
      status: STATUS[error.kind],
      body: { error: openAiError(error), ...(error.kind === 'validation' ? { detail: [detail] } : {}) },
    }
  },

  routes: (ports): readonly Route[] => [
    {
      method: 'post',
      paths: ['/embeddings'],
      handle: async (c) => ({ ...(await embeddings(c, ports)), ...stamp(c) }),
      operations: [
        {
          summary: "OpenAI's embeddings without /v1; `dimensions: 0` is the model's own number.",
          body: embeddingRequest,
          example: { model: 'default', input: ['A man plays a guitar.'] },
          answer: embeddingResponse,
        },
      ],
    },
    {
      method: 'post',
      paths: ['/rerank'],
      handle: (c) => rerank(c, ports),
      operations: [
        {
          summary: 'Orders documents by relevance to a query.',
          body: rerankRequest,
          example: { query: 'Where do penguins live?', documents: ['In Antarctica.', 'In a bank.'], top_n: 1 },
          answer: rerankResponse,
        },
      ],
    },
    {
      method: 'post',
      paths: ['/classify'],
      handle: (c) => classify(c, ports),
      operations: [
        {
          summary: 'Sentiment of texts.',
          body: classifyRequest,
          example: { input: ['What a lovely day!'] },
          answer: classifyResponse,
        },
      ],
    },
    {
      method: 'get',
      paths: ['/models'],
      handle: () => models(ports),
      operations: [{ summary: 'Installed models.', answer: z.object({ data: z.array(modelSchema) }) }],
    },
  ],
}

/** `input[3].text` as FastAPI writes it: input, 3, text. */
function keysOf(param = ''): (string | number)[] {
  return (param.match(/[^.[\]]+/g) ?? []).map((key) => (/^\d+$/.test(key) ? Number(key) : key))
}

function stamp(c: AppContext) {
  return { id: `infinity-${c.get('requestId')}`, created: Math.floor(Date.now() / 1000) }
}

async function rerank(c: AppContext, ports: Ports): Promise<z.infer<typeof rerankResponse>> {
  const call = callOf(c, ports)
  const request = parse(rerankRequest, await readJson(c), '')
  const documents = request.documents.map((document, i) =>
    typeof document === 'string' ? document : parse(text, document.text, `documents[${i}].text`),
  )
  const { top_n, raw_scores } = request
  const { model, ranked } = await rank(call, {
    model: request.model,
    query: request.query,
    documents,
    field: 'documents',
    parameters: { top_n, raw_scores },
  })
  return {
    object: 'rerank',
    results: ranked.map(({ index, score }) => ({
      relevance_score: score,
      index,
      ...(request.return_documents ? { document: documents[index] as string } : {}),
    })),
    model: model.id,
    usage: { prompt_tokens: call.usage.tokens, total_tokens: call.usage.tokens },
    ...stamp(c),
  }
}

async function classify(c: AppContext, ports: Ports): Promise<z.infer<typeof classifyResponse>> {
  const call = callOf(c, ports)
  const request = parse(classifyRequest, await readJson(c), '')
  const task = resolveTask('text-classification')
  const model = await resolveModel(call, request.model, task.role)
  const parameters = request.raw_scores ? { function_to_apply: 'none' } : {}
  const data = await answerAll(call, { task, model, inputs: request.input, parameters, field: 'input' })
  return {
    object: 'classify',
    data: data as z.infer<typeof classifyResponse>['data'],
    model: model.id,
    usage: { prompt_tokens: call.usage.tokens, total_tokens: call.usage.tokens },
    ...stamp(c),
  }
}

async function models(ports: Ports) {
  const { object, data } = await listModels(ports)
  const heads = (await manifests(ports)).map((manifest) => Object.keys(manifest.heads))
  return {
    object,
    data: data.map((model, i) => ({
      ...model,
      owned_by: 'infinity', // its client knows no other
      backend: 'onnxruntime-web',
      capabilities: ['embed', 'rerank', ...(heads[i]?.includes('sentiment') ? ['classify'] : [])],
      stats: { queue_fraction: 0, queue_absolute: 0, results_pending: 0, batch_size: ports.maxInputs },
    })),
  }
}
