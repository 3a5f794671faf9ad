/**
 * text-embeddings-inference's routes (its README and OpenAPI document are the contract). This family also owns what no
 * other does: the root, health, the API reference, and paths that lead nowhere.
 */
import type { ZodType } from 'zod'
import { empty, invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import type { Task } from '../../tasks/task.ts'
import { type BertTokenizer, codePointOffsets } from '../../tokenizer/index.ts'
import { type AppContext, type Body, callOf, firstString, readJson } from '../http.ts'
import { answer, answerAll, type Call, checkCount, parse, resolveModel, resolveTask } from '../inference.ts'
import { metrics } from '../middleware/metrics.ts'
import type { Ports } from '../ports.ts'
import type { Family, Route } from './family.ts'
import { huggingFaceError, runDefaultTask } from './huggingface.ts'
import { describeEndpoint, describeHealth, endpointSchema, healthSchema } from './models.ts'
import { rank } from './ranking.ts'
import * as schema from './tei-schemas.ts'
import { embed, embedAll, embedSparse, predict } from './tei-tasks.ts'
import { encodeAll } from './tokens.ts'

export const textEmbeddingsInference: Family = {
  name: 'text-embeddings-inference',
  owns: () => true,
  error: (error) => (error.kind === 'unauthorized' ? { status: 401, body: null } : huggingFaceError(error)),

  routes(ports): readonly Route[] {
    const post = (
      path: string,
      summary: string,
      shapes: { request: ZodType; answer: ZodType; example: object },
      run: (call: Call, body: Body) => Promise<unknown>,
    ): Route => ({
      method: 'post',
      paths: [path],
      handle: async (c) => run(callOf(c, ports), await readJson(c)),
      operations: [{ summary, body: shapes.request, example: shapes.example, answer: shapes.answer }],
    })
    const get = (path: string, summary: string, shape: ZodType | `text/${string}`, handle: Route['handle']): Route => ({
      method: 'get',
      paths: [path],
      handle,
      operations: [{ summary, answer: shape }],
    })
    const nothing = (c: AppContext) => c.body(null, 200)
    return [
      post('/embed', 'One vector for each input, always a list of lists.', schema.embed, (call, body) =>
        run(call, embed, body),
      ),
      post('/embed_all', 'A vector for each token of each input, not normalised.', schema.embedAll, (call, body) =>
        run(within(call), embedAll, body),
      ),
      post('/embed_sparse', 'Weights of vocabulary entries, by the masked-LM head.', schema.embedSparse, (call, body) =>
        run(within(call), embedSparse, body),
      ),
      post('/predict', 'Sentiment of texts; whether the second text of a pair follows.', schema.predict, classify),
      post('/rerank', 'Orders texts by relevance to a query.', schema.rerank, rerank),
      post('/similarity', 'Cosines of sentences with a source sentence.', schema.similarity, similarity),
      post('/tokenize', 'Tokens with offsets; never truncates.', schema.tokenize, tokenize),
      post('/decode', 'Token ids back into text.', schema.decode, decode),
      post('/vertex', 'Vertex AI: each instance as /embed, or as /rerank where it has a query.', schema.vertex, vertex),
      post(
        '/',
        'The task that only takes such a body; else fill-mask where there is a [MASK], else sentiment.',
        schema.root,
        runDefaultTask,
      ),
      get('/info', 'The embedding model and the limits of a request.', endpointSchema, async () =>
        describeEndpoint(ports, await defaultModel(ports)),
      ),
      get('/health', 'WASM heap, JavaScript bytes, what is loaded.', healthSchema, () => describeHealth(ports)),
      get('/metrics', 'Prometheus counters of this isolate.', 'text/plain', (c) => c.text(metrics.render())),
      get('/ping', '200 as soon as the Worker answers.', 'text/plain', nothing),
    ]
  },
}

/**
 * A tighter budget, for answers that are large for their input: 384 floats a token (100 MB for the tokens of a whole
 * batch), or some 10,000 weights a text.
 */
function within({ ports, ...call }: Call): Call {
  const batch = Math.min(ports.tokens.batch, ports.tokens.windowed)
  return { ...call, ports: { ...ports, tokens: { ...ports.tokens, batch }, maxInputs: Math.min(ports.maxInputs, 512) } }
}

async function run(call: Call, task: unknown, body: Body): Promise<unknown[]> {
  const { inputs, ...parameters } = body
  const model = await resolveModel(call, firstString(body.model), (task as Task).role)
  if (typeof parameters.prompt_name === 'string') {
    call.usage.warnings.add(`prompt_name "${parameters.prompt_name}" is not applied: ${model.id} has no prompts`)
  }
  return answerAll(call, { task: task as Task, model, inputs: inputList(inputs), parameters, parametersField: '' })
}

/**
 * A list is one input where it holds token ids, a batch otherwise.
 * @param name of the field, in an error
 */
function inputList(inputs: unknown, name = 'inputs'): readonly unknown[] {
  if (inputs === undefined) throw invalid(`\`${name}\` is required`, name)
  return Array.isArray(inputs) && typeof inputs[0] !== 'number' ? inputs : [inputs]
}

/** `"a"`, `["a"]` and the pair `["a", "b"]` are one input and answered flat; a batch is a list of such lists. */
async function classify(call: Call, body: Body): Promise<unknown> {
  countLists(body.inputs, 'inputs', call)
  const { inputs, ...parameters } = parse(schema.predict.request, body, '')
  const isBatch = Array.isArray(inputs) && (inputs.length === 0 || Array.isArray(inputs[0]))
  const model = await resolveModel(call, firstString(body.model), predict.role)
  const task = predict as unknown as Task
  const answers = await answerAll(call, { task, model, inputs: isBatch ? inputs : [inputs], parameters })
  return isBatch ? answers : answers[0]
}

/** A list of lists is a batch, and told its limit; a schema of either would tell that of a single input. */
function countLists(value: unknown, field: string, { ports }: Call): void {
  if (Array.isArray(value) && Array.isArray(value[0])) checkCount(value, field, ports)
}

async function rerank(call: Call, body: Body): Promise<unknown> {
  const { query, texts, return_text, ...parameters } = parse(schema.rerank.request, body, '')
  const { ranked } = await rank(call, {
    model: firstString(body.model),
    query,
    documents: texts,
    field: 'texts',
    parameters,
  })
  return ranked.map(({ index, score }) => ({ index, ...(return_text ? { text: texts[index] } : {}), score }))
}

async function similarity(call: Call, body: Body): Promise<unknown> {
  const { inputs, parameters } = parse(schema.similarity.request, body, '')
  checkCount(inputs.sentences, 'sentences', call.ports)
  const task = resolveTask('sentence-similarity')
  const model = await resolveModel(call, firstString(body.model), task.role)
  return answer(call, { task, model, inputs, parameters })
}

async function openTokenizer(call: Call, body: Body): Promise<BertTokenizer> {
  const manifest = await resolveModel(call, firstString(body.model), 'embedding')
  return call.ports.library.tokenizer(manifest, call.usage, call.keepAlive)
}

async function tokenize(call: Call, body: Body): Promise<unknown> {
  const request = parse(schema.tokenize.request, body, '')
  const texts = [request.inputs].flat()
  checkCount(texts, 'inputs', call.ports)
  const tokenizer = await openTokenizer(call, body)
  const addSpecialTokens = request.add_special_tokens ?? true
  return encodeAll(call, tokenizer, texts, addSpecialTokens, 'inputs').map((encoding, t) => {
    const value = texts[t] as string
    const toWire = request.offset_type === 'utf16' ? (offset: number) => offset : codePointOffsets(value)
    return Array.from(encoding.ids, (id, i) => {
      const start = encoding.starts[i] as number
      const end = encoding.ends[i] as number
      return encoding.specialTokensMask[i]
        ? { id, text: tokenizer.idToToken(id) as string, special: true, start: null, stop: null }
        : { id, text: value.slice(start, end), special: false, start: toWire(start), stop: toWire(end) }
    })
  })
}

async function decode(call: Call, body: Body): Promise<unknown> {
  countLists(body.ids, 'ids', call)
  const { ids, skip_special_tokens } = parse(schema.decode.request, body, '')
  const lists = typeof ids[0] === 'number' ? [ids as number[]] : (ids as number[][])
  checkCount(lists, 'ids', call.ports)
  const tokenizer = await openTokenizer(call, body)
  const unknown = lists.flat().find((id) => id >= tokenizer.vocabSize)
  if (unknown !== undefined)
    throw invalid(`\`ids\` has a token id that must be below ${tokenizer.vocabSize}. Given: ${unknown}`, 'ids')
  const options = { skipSpecialTokens: skip_special_tokens ?? true, cleanUpTokenizationSpaces: true }
  return call.usage.measure('decode', () => lists.map((list) => tokenizer.decode(list, options)))
}

/** Instances that embed with the same parameters are one call, so that the token budget is that of the request. */
async function vertex(call: Call, body: Body): Promise<unknown> {
  const { instances } = parse(schema.vertex.request, body, '')
  checkCount(instances, 'instances', call.ports)
  const predictions: unknown[] = []
  const numbered = instances.map((instance, index) => ({ index, instance: { model: body.model, ...instance } as Body }))
  const embeddings = numbered
    .filter(({ instance }) => !('query' in instance))
    .map((one) => ({ ...one, inputs: instanceInputs(one.instance, one.index) }))
  for (const members of Map.groupBy(embeddings, parametersOf).values()) {
    const all = await run(lessSpent(call), embed, { ...members[0]?.instance, inputs: members.flatMap((m) => m.inputs) })
    let at = 0
    for (const { index, inputs } of members) {
      predictions[index] = all.slice(at, at + inputs.length)
      at += inputs.length
    }
  }
  for (const { index, instance } of numbered) {
    if ('query' in instance) predictions[index] = await rerank(lessSpent(call), instance)
  }
  return { predictions }
}

function instanceInputs({ inputs }: Body, index: number): readonly unknown[] {
  const name = `instances[${index}].inputs`
  const list = inputList(inputs, name)
  if (list.length === 0) throw empty(`\`${name}\` cannot be empty`, 'instances')
  return list
}

function parametersOf({ instance }: { instance: Body }): string {
  return JSON.stringify({ ...instance, inputs: null })
}

/** The call with what is left of its token budget. */
function lessSpent({ ports, ...call }: Call): Call {
  const batch = Math.max(0, ports.tokens.batch - call.usage.tokens)
  return { ...call, ports: { ...ports, tokens: { ...ports.tokens, batch } } }
}

/** The manifest is there: it is built into the deployment. */
async function defaultModel({ library, defaults }: Ports): Promise<Manifest> {
  return (await library.manifest(defaults.embedding)) as Manifest
}
