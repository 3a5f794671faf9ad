/** The same request for other places: to copy. Each is executed by test/page/snippets.test.ts. */

export interface Snippet {
  readonly name: string
  readonly code: string
}

export interface Request {
  readonly task: string
  readonly inputs: unknown
  readonly parameters?: object
  /** Its id, where it is not the task's default. */
  readonly model?: string
  /** Where the Worker answers. */
  readonly origin: string
  /** Whether it wants a key; the key itself is never written down. */
  readonly key: boolean
}

/** The clients' own methods, where they have one for the task. */
const HUGGING_FACE: Readonly<Record<string, string>> = {
  'fill-mask': 'fillMask',
  'text-classification': 'textClassification',
  sentiment: 'textClassification',
  emotion: 'textClassification',
  toxicity: 'textClassification',
  topic: 'textClassification',
  acceptability: 'textClassification',
  'token-classification': 'tokenClassification',
  'question-answering': 'questionAnswering',
  'zero-shot-classification': 'zeroShotClassification',
  summarization: 'summarization',
  'text-generation': 'textGeneration',
  'feature-extraction': 'featureExtraction',
  'sentence-similarity': 'sentenceSimilarity',
}

export function snippets(request: Request): Snippet[] {
  return [
    { name: 'curl', code: curl(request) },
    { name: 'fetch', code: viaFetch(request) },
    { name: 'Python', code: python(request) },
    { name: 'edge-bert', code: client(request) },
    ...(HUGGING_FACE[request.task] ? [{ name: 'Hugging Face', code: huggingFace(request) }] : []),
    ...(request.task === 'feature-extraction' || request.task === 'text-generation'
      ? [{ name: 'OpenAI', code: openAi(request) }]
      : []),
    ...(request.task === 'rerank' ? [{ name: 'Cohere', code: cohere(request) }] : []),
  ]
}

const bodyOf = ({ inputs, parameters, model }: Request) => ({
  inputs,
  ...(parameters ? { parameters } : {}),
  ...(model ? { model } : {}),
})
const urlOf = ({ origin, task }: Request) => `${origin}/v1/tasks/${task}`
const json = (value: unknown) => JSON.stringify(value, null, 2)

function curl(request: Request): string {
  const key = request.key ? ` -H "authorization: Bearer $API_KEY"` : ''
  return `curl ${urlOf(request)}${key} \\
  -H 'content-type: application/json' \\
  -d '${json(bodyOf(request)).replaceAll("'", "'\\''")}'`
}

function viaFetch(request: Request): string {
  const key = request.key ? `, authorization: \`Bearer \${API_KEY}\`` : ''
  return `const response = await fetch('${urlOf(request)}', {
  method: 'POST',
  headers: { 'content-type': 'application/json'${key} },
  body: JSON.stringify(${json(bodyOf(request))}),
})
console.log(await response.json())`
}

function python(request: Request): string {
  const key = request.key ? `,\n    headers={"authorization": f"Bearer {API_KEY}"}` : ''
  return `import requests

response = requests.post(
    "${urlOf(request)}",
    json=${pythonValue(bodyOf(request))}${key},
)
print(response.json())`
}

/** JSON with Python's constants. Strings are the same in both, as long as JSON escapes what is not ASCII as UTF-16. */
function pythonValue(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${pythonValue(field)}`)
  return `{${fields.join(', ')}}`
}

function client(request: Request): string {
  const { task, inputs, parameters, model, origin } = request
  const given = [inputs, ...(parameters || model ? [parameters ?? {}] : []), ...(model ? [{ model }] : [])]
  return `import { EdgeBertClient } from 'edge-bert/client'

const bert = new EdgeBertClient({ url: '${origin}'${request.key ? ', key: API_KEY' : ''} })
console.log(await bert.task('${task}', ${given.map(json).join(', ')}))`
}

/** Its model goes into the address: what the client itself has under `model` it does not send. */
function huggingFace(request: Request): string {
  const { origin, task, model } = request
  const url = model ? `${origin}/models/${model}/pipeline/${task}` : urlOf(request)
  return `import { InferenceClient } from '@huggingface/inference'

const client = new InferenceClient(${request.key ? 'API_KEY' : "'none'"}, {
  endpointUrl: '${url}',
})
console.log(await client.${HUGGING_FACE[request.task]}(${json({ ...bodyOf(request), model: undefined })}))`
}

function openAi(request: Request): string {
  const { inputs, parameters, origin, task, model } = request
  const given = (parameters ?? {}) as { max_new_tokens?: number; seed?: number }
  const call =
    task === 'feature-extraction'
      ? `embeddings.create(${json({ model: model ?? 'all-MiniLM-L6-v2', input: inputs })})`
      : `completions.create(${json({ model: model ?? 'multitask-minilm', prompt: inputs, max_tokens: given.max_new_tokens, seed: given.seed })})`
  return `import OpenAI from 'openai'

const openai = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${request.key ? 'API_KEY' : "'none'"} })
console.log(await openai.${call})`
}

function cohere(request: Request): string {
  const { inputs, model = 'all-MiniLM-L6-v2' } = request
  const { query, documents } = inputs as { query: string; documents: string[] }
  return `import { CohereClientV2 } from 'cohere-ai'

const cohere = new CohereClientV2({ environment: '${request.origin}', token: ${request.key ? 'API_KEY' : "'none'"} })
console.log(await cohere.rerank(${json({ model, query, documents })}))`
}
