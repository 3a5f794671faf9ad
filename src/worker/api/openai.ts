/** OpenAI's API: embeddings, completions, models (openai's own clients, LangChain, LlamaIndex and the AI SDK speak it). */
import { z } from 'zod'
import type { ErrorKind, ServiceError } from '../../errors.ts'
import { type AppContext, afterPrefix, callOf, readJson } from '../http.ts'
import { answerAll, parse, resolveModel, resolveTask } from '../inference.ts'
import type { Ports } from '../ports.ts'
import { completion, completionRequest, completionResponse } from './completions.ts'
import { type ErrorAnswer, type Family, type Route, STATUS } from './family.ts'
import { describeModel, listModels, modelSchema } from './models.ts'
import { inputTexts, textsOrTokens } from './tiktoken.ts'
import { toBase64 } from './vectors.ts'

const CODE: Partial<Record<ErrorKind, string>> = {
  unauthorized: 'invalid_api_key',
  'not-found': 'model_not_found',
  overloaded: 'rate_limit_exceeded',
  'model-unavailable': 'model_unavailable',
}

/** What OpenAI writes under `error`. */
export function openAiError({ kind, message, param }: ServiceError): object {
  const isServers = kind === 'model-unavailable' || kind === 'internal'
  const type = isServers ? 'server_error' : kind === 'overloaded' ? 'rate_limit_error' : 'invalid_request_error'
  const code = kind === 'not-found' && param !== 'model' ? 'unknown_url' : CODE[kind]
  return { message, type, param: param ?? null, code: code ?? null }
}

export const embeddingRequest = z.object({
  model: z.string().nullish(),
  input: textsOrTokens,
  encoding_format: z.enum(['float', 'base64']).nullish().describe('Default float.'),
  dimensions: z.int().nullish().describe('Keep only the first so many dimensions.'),
  user: z.string().nullish(),
  modality: z.literal('text').nullish().describe("Infinity's; what others it has are not read here."),
})

export const embeddingResponse = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]).describe('Numbers, or base64 of little-endian float32.'),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
})

export const openAi: Family = {
  name: 'OpenAI',
  owns: (path) => /^\/v1(\/|$)/.test(path),
  error: (error): ErrorAnswer => ({
    status: error.kind === 'validation' ? 400 : STATUS[error.kind],
    body: { error: openAiError(error) },
  }),

  routes: (ports): readonly Route[] => [
    {
      method: 'post',
      paths: ['/v1/embeddings'],
      handle: (c) => embeddings(c, ports),
      operations: [
        {
          summary: 'Embeds texts; always normalised. Texts over the model maximum are cut, see x-truncated.',
          body: embeddingRequest,
          example: { model: 'text-embedding-3-small', input: ['A man plays a guitar.', 'Stocks fell today.'] },
          answer: embeddingResponse,
        },
      ],
    },
    {
      method: 'post',
      paths: ['/v1/completions'],
      handle: async (c) => completion(callOf(c, ports), await readJson(c)),
      operations: [
        {
          summary: 'Continues a prompt, or fills the gap between prompt and suffix, by iterative masking.',
          body: completionRequest,
          example: { model: 'bert', prompt: 'The weather today is', max_tokens: 4, seed: 1 },
          answer: completionResponse,
        },
      ],
    },
    {
      method: 'get',
      paths: ['/v1/models'],
      handle: () => listModels(ports),
      operations: [
        { summary: 'Installed models.', answer: z.object({ object: z.literal('list'), data: z.array(modelSchema) }) },
      ],
    },
    {
      method: 'get',
      paths: ['/v1/models/*'],
      handle: (c) => model(c, ports),
      operations: [
        {
          path: '/v1/models/{model}',
          summary: 'One model, by id or alias; slashes raw or as %2F.',
          placeholders: { model: 'all-MiniLM-L6-v2' },
          answer: modelSchema,
        },
      ],
    },
  ],
}

export async function embeddings(c: AppContext, ports: Ports): Promise<z.infer<typeof embeddingResponse>> {
  const call = callOf(c, ports)
  const request = parse(embeddingRequest, await readJson(c), '')
  const inputs = await inputTexts(request.input, 'input', ports)
  const task = resolveTask('feature-extraction')
  const model = await resolveModel(call, request.model, task.role)
  // Infinity's client sends 0 for the model's own.
  const parameters = { dimensions: request.dimensions || null }
  const vectors = await answerAll(call, { task, model, inputs, parameters, field: 'input' })
  const write = request.encoding_format === 'base64' ? toBase64 : (vector: number[]) => vector
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector as number[]) })),
    model: model.id,
    usage: { prompt_tokens: call.usage.tokens, total_tokens: call.usage.tokens },
  }
}

async function model(c: AppContext, ports: Ports) {
  const name = afterPrefix(c, /^\/v1\/models\//)
  const manifest = await resolveModel(callOf(c, ports), name, 'multitask')
  // Clients look for the name that they asked for.
  return { ...describeModel(manifest), id: name, root: manifest.id }
}
