/** Cohere's API, versions 1 and 2: embed, rerank, tokenize. Jina's and vLLM's rerank clients post to /v1/rerank, too. */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import { texts } from '../../tasks/embed.ts'
import { text } from '../../tasks/text.ts'
import { type AppContext, callOf, readJson } from '../http.ts'
import { answerAll, type Call, parse, resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import { type Family, type Route, STATUS } from './family.ts'
import { documentList, rank } from './ranking.ts'
import { encodeAll } from './tokens.ts'
import { toBase64 } from './vectors.ts'

const meta = z.object({
  api_version: z.object({ version: z.string() }),
  billed_units: z.record(z.string(), z.number()),
})

const embedRequest = z.object({
  model: z.string().nullish(),
  texts,
  input_type: z.string().nullish(),
  embedding_types: z
    .array(z.enum(['float', 'base64']))
    .max(10)
    .nullish()
    .describe('Default float.'),
  truncate: z.enum(['NONE', 'START', 'END']).nullish().describe('Which end is cut (default END); NONE refuses.'),
  output_dimension: z.int().nullish(),
  max_tokens: z.int().min(1).nullish(),
})
const byType = z.object({ float: z.array(z.array(z.number())).optional(), base64: z.array(z.string()).optional() })
const embedResponse = z.object({
  id: z.string(),
  texts: z.array(z.string()),
  response_type: z.string(),
  embeddings: z.union([z.array(z.array(z.number())), byType]),
  meta,
})

/** More fields than any document has. */
const MOST_FIELDS = 100
const rerankRequest = z.object({
  model: z.string().nullish(),
  query: text,
  documents: documentList,
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  rank_fields: z
    .array(z.string())
    .max(MOST_FIELDS)
    .nullish()
    .describe('Fields of document objects that count; default text.'),
  max_tokens_per_doc: z.int().min(1).nullish(),
  raw_scores: z.boolean().nullish().describe('The cosine itself, as Infinity has it.'),
})
const rerankResponse = z.object({
  id: z.string(),
  results: z.array(
    z.object({ index: z.int(), relevance_score: z.number(), document: z.object({ text: z.string() }).optional() }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  meta,
})

const tokenizeRequest = z.object({ text, model: z.string().nullish() })
const tokenizeResponse = z.object({
  tokens: z.array(z.int()),
  token_strings: z.array(z.string()),
  meta: meta.partial(),
})

const rerankExample = {
  model: 'default',
  query: 'Where do penguins live?',
  documents: ['Penguins live in Antarctica.', 'Paris is the capital of France.'],
  top_n: 1,
}
const embedExample = { model: 'default', texts: ['A man plays a guitar.'], input_type: 'search_document' }

export const cohere: Family = {
  name: 'Cohere',
  owns: (path) => /^\/(v2|v1\/(rerank|embed|tokenize|classify))(\/|$)/.test(path),
  error: (error) => ({
    status: STATUS[error.kind],
    body: {
      message: error.message,
      ...(error.kind === 'model-unavailable' ? { code: 'model_unavailable' } : {}),
    },
  }),

  routes: (ports): readonly Route[] => [
    {
      method: 'post',
      paths: ['/v2/rerank', '/v1/rerank'],
      handle: (c) => rerank(c, ports),
      operations: [
        {
          summary: 'Orders documents by relevance to a query.',
          body: rerankRequest,
          example: rerankExample,
          answer: rerankResponse,
        },
      ],
    },
    {
      method: 'post',
      paths: ['/v2/embed', '/v1/embed'],
      handle: (c) => embed(c, ports),
      operations: [{ summary: 'Embeds texts.', body: embedRequest, example: embedExample, answer: embedResponse }],
    },
    {
      method: 'post',
      paths: ['/v1/tokenize'],
      handle: (c) => tokenize(c, ports),
      operations: [
        {
          summary: "A text's tokens, without [CLS] and [SEP].",
          body: tokenizeRequest,
          example: { text: 'tokenize me', model: 'default' },
          answer: tokenizeResponse,
        },
      ],
    },
  ],
}

function metaOf(c: AppContext, billed_units: Record<string, number>): z.infer<typeof meta> {
  return { api_version: { version: c.req.path.slice(2, 3) }, billed_units }
}

async function embed(c: AppContext, ports: Ports): Promise<z.infer<typeof embedResponse>> {
  const call = callOf(c, ports)
  const request = parse(embedRequest, await readJson(c), '')
  const task = resolveTask('feature-extraction')
  const model = await resolveModel(call, request.model, task.role)
  const parameters = {
    dimensions: request.output_dimension,
    truncate: request.truncate !== 'NONE',
    truncation_direction: request.truncate === 'START' ? 'left' : 'right',
  }
  const vectors = (await answerAll(call, {
    task,
    model,
    inputs: request.texts,
    parameters,
    field: 'texts',
    names: { dimensions: 'output_dimension' },
  })) as number[][]
  warnOfLimit(call, 'max_tokens', request.max_tokens, model)
  const types = request.embedding_types ?? []
  // The first API answers plain lists unless types are asked for.
  const plain = c.req.path.startsWith('/v1') && types.length === 0
  const typed = {
    ...(types.length === 0 || types.includes('float') ? { float: vectors } : {}),
    ...(types.includes('base64') ? { base64: vectors.map(toBase64) } : {}),
  }
  return {
    id: c.get('requestId'),
    texts: request.texts,
    response_type: plain ? 'embeddings_floats' : 'embeddings_by_type',
    embeddings: plain ? vectors : typed,
    meta: metaOf(c, { input_tokens: call.usage.tokens }),
  }
}

function warnOfLimit(call: Call, name: string, limit: number | null | undefined, { max_length }: Manifest): void {
  if (!limit || limit >= max_length) return
  call.usage.warnings.add(`${name} ${limit} is not applied: texts are read up to ${max_length} tokens`)
}

async function rerank(c: AppContext, ports: Ports): Promise<z.infer<typeof rerankResponse>> {
  const call = callOf(c, ports)
  const request = parse(rerankRequest, await readJson(c), '')
  const documents = request.documents.map((document, i) => documentText(document, request.rank_fields, i))
  const { model, ranked } = await rank(call, {
    model: request.model,
    query: request.query,
    documents,
    field: 'documents',
    parameters: { top_n: request.top_n, raw_scores: request.raw_scores },
  })
  warnOfLimit(call, 'max_tokens_per_doc', request.max_tokens_per_doc, model)
  return {
    id: c.get('requestId'),
    results: ranked.map(({ index, score }) => ({
      index,
      relevance_score: score,
      ...(request.return_documents ? { document: { text: documents[index] as string } } : {}),
    })),
    model: model.id,
    usage: { prompt_tokens: call.usage.tokens, total_tokens: call.usage.tokens },
    meta: metaOf(c, { search_units: Math.ceil(documents.length / 100) }),
  }
}

/** The text of a document: itself, or the named fields of an object, one a line; each once, so it is never longer. */
function documentText(
  document: z.infer<typeof documentList>[number],
  fields: readonly string[] | null | undefined,
  index: number,
): string {
  if (typeof document === 'string') return document
  const named = [...new Set(fields ?? ['text'])].filter((field) => Object.hasOwn(document, field))
  const values = named.map((field) => document[field]).filter((value) => typeof value === 'string')
  const joined = values.join('\n')
  if (joined !== '') return joined
  throw invalid(`\`documents[${index}]\` has no text in ${fields ? 'any of `rank_fields`' : '`text`'}`, 'documents')
}

async function tokenize(c: AppContext, ports: Ports): Promise<z.infer<typeof tokenizeResponse>> {
  const call = callOf(c, ports)
  const request = parse(tokenizeRequest, await readJson(c), '')
  const model = await resolveModel(call, request.model, 'embedding')
  const tokenizer = await ports.library.tokenizer(model, call.usage, call.keepAlive)
  const [encoding] = encodeAll(call, tokenizer, [request.text], false, 'text')
  const tokens = Array.from(encoding?.ids ?? [])
  return {
    tokens,
    token_strings: tokens.map((id) => tokenizer.idToToken(id) as string),
    meta: { api_version: { version: '1' } },
  }
}
