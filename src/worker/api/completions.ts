/**
 * OpenAI's completions, for `/v1/completions` and for the paths to which Hugging Face's clients append it. Text comes
 * from the task text-generation; between a prompt and a suffix it is filled in by fill-mask.
 */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import type { MaskCandidate } from '../../tasks/fill-mask.ts'
import { draw, seededRandom } from '../../tasks/sampling.ts'
import type { GeneratedText } from '../../tasks/text-generation.ts'
import type { BertTokenizer } from '../../tokenizer/index.ts'
import { type Body, eventStream } from '../http.ts'
import { answer, type Call, parse, resolveModel, resolveTask } from '../inference.ts'
import { type Generated, tokenEvents, words } from './generated-tokens.ts'
import { inputTexts, textsOrTokens } from './tiktoken.ts'

/** OpenAI's default, and the most that the task makes in one go. */
const DEFAULT_TOKENS = 16
const MOST_TOKENS = 128
/** A gap has one mask for each token; a suffix asks for a few words unless the caller says otherwise. */
const DEFAULT_GAP = 4
/** About what the encoder reads for one new token; a request's token budget counts passes so. */
const TOKENS_PER_PASS = 70

export const completionRequest = z.object({
  model: z.string().nullish(),
  prompt: textsOrTokens,
  suffix: z.string().nullish().describe('Text after the gap; fills what is between.'),
  max_tokens: z.int().min(1).nullish().describe(`Default ${DEFAULT_TOKENS}, at most ${MOST_TOKENS}.`),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(1).max(1000).nullish(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  stop: z
    .union([z.string(), z.array(z.string()).max(16)])
    .nullish()
    .describe('The text ends before the first of these.'),
  echo: z.boolean().nullish().describe('Repeat the prompt before the text.'),
  return_full_text: z.boolean().nullish().describe('The same as echo.'),
  stream: z.boolean().nullish().describe('Server-sent events. The text is made as a whole, then sent word by word.'),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.unknown().optional(),
})

type Request = z.infer<typeof completionRequest>

export const completionResponse = z.object({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({ text: z.string(), index: z.int(), logprobs: z.null(), finish_reason: z.enum(['stop', 'length']) }),
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
})

type Completion = z.infer<typeof completionResponse>

/** @param model where the path names one; the body's does not count then */
export async function completion(call: Call, body: Body, model?: Manifest): Promise<Completion | Response> {
  const request = parse(completionRequest, body, '')
  const prompts = await inputTexts(request.prompt, 'prompt', call.ports)
  const manifest = model ?? (await resolveModel(call, request.model, 'multitask'))
  const wanted = request.max_tokens ?? (request.suffix ? DEFAULT_GAP : DEFAULT_TOKENS)
  const maxTokens = Math.min(wanted, MOST_TOKENS)
  checkPasses(prompts.length * (request.n ?? 1) * maxTokens, call)
  if (wanted > MOST_TOKENS)
    call.usage.warnings.add(`max_tokens ${wanted} is more than ${MOST_TOKENS}, the most of one completion`)
  if (request.logprobs) call.usage.warnings.add('logprobs are not given')

  const tokenizer = await call.ports.library.tokenizer(manifest, call.usage, call.keepAlive)
  const generated: Generated[] = []
  for (const prompt of prompts) {
    for (let i = 0; i < (request.n ?? 1); i++) {
      const seed = (request.seed ?? 0) + i
      const make = request.suffix ? fill : generate
      const made = await make(call, manifest, prompt, { ...request, seed }, maxTokens)
      const answer = request.echo || request.return_full_text ? prompt + made.text : made.text
      generated.push({ ...made, answer, seed, input_length: countTokens(prompt, tokenizer) })
    }
  }
  const head = {
    id: `cmpl-${crypto.randomUUID()}`,
    object: 'text_completion' as const,
    created: Math.floor(Date.now() / 1000),
    model: manifest.id,
  }
  const usage = usageOf(prompts, generated, tokenizer)
  if (!request.stream) {
    const choices = generated.map(({ answer, finish_reason }, index) => choice(answer, index, finish_reason))
    return { ...head, choices, usage }
  }
  const events = generated.flatMap((each, index) => eventsOf(each, index, tokenizer))
  if (request.stream_options?.include_usage) events.push({ choices: [], usage })
  return eventStream(
    events.map((event) => ({ ...head, ...event })),
    true,
  )
}

function choice<Reason>(text: string, index: number, finish_reason: Reason) {
  return { text, index, logprobs: null, finish_reason }
}

/** With text-generation-inference's fields beside OpenAI's: the types of Hugging Face's clients promise them. */
function eventsOf(generated: Generated, index: number, tokenizer: BertTokenizer): object[] {
  const { answer, finish_reason } = generated
  const texts = [...words(answer), '']
  const tokens = tokenEvents({ ...generated, text: answer }, tokenizer)
  return texts.map((text, i) => ({
    choices: [choice(text, index, i === texts.length - 1 ? finish_reason : null)],
    ...tokens[i],
  }))
}

function usageOf(prompts: readonly string[], generated: readonly Generated[], tokenizer: BertTokenizer) {
  const sum = (texts: readonly string[]) => texts.reduce((total, text) => total + countTokens(text, tokenizer), 0)
  const prompt_tokens = sum(prompts)
  const completion_tokens = sum(generated.map(({ text }) => text))
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

function countTokens(text: string, tokenizer: BertTokenizer): number {
  return tokenizer.encode(text, { addSpecialTokens: false }).length
}

/** @throws ServiceError('validation') when so many new tokens would cost more than a request's token budget */
function checkPasses(tokens: number, { ports }: Call): void {
  const most = Math.floor(ports.tokens.batch / TOKENS_PER_PASS)
  if (tokens > most) {
    throw invalid(`prompts × n × \`max_tokens\` must be at most ${most}. Given: ${tokens}`, 'max_tokens')
  }
}

interface Made {
  readonly text: string
  readonly finish_reason: 'stop' | 'length'
}

async function generate(
  call: Call,
  model: Manifest,
  prompt: string,
  request: Request,
  maxTokens: number,
): Promise<Made> {
  const { temperature, top_k, seed } = request
  const stop = stopsOf(request)
  // OpenAI's top_p 0 takes the likeliest token; so does temperature 0.
  const draw = request.top_p === 0 ? { temperature: 0 } : { temperature, top_p: request.top_p }
  const parameters = { max_new_tokens: maxTokens, top_k, seed, stop, return_full_text: false, ...draw }
  const before = call.usage.passes
  const task = resolveTask('text-generation')
  const made = await answer(call, { task, model, inputs: prompt, parameters, field: 'prompt' })
  const text = ([made].flat()[0] as GeneratedText).generated_text
  const passes = call.usage.passes - before
  return { text, finish_reason: stop.length > 0 ? finishReason(text, passes, maxTokens) : 'length' }
}

/** The task makes the last token, a full stop, without a pass; a text that a stop sequence cut lacks one or the other. */
export function finishReason(text: string, passes: number, maxTokens: number): 'stop' | 'length' {
  const isWhole = passes >= Math.max(1, maxTokens - 1) && (maxTokens === 1 || text.endsWith('.'))
  return isWhole ? 'length' : 'stop'
}

/** Fills a gap of masks from left to right, each from the likeliest words at its place. */
async function fill(call: Call, model: Manifest, prompt: string, request: Request, masks: number): Promise<Made> {
  const task = resolveTask('fill-mask')
  const random = seededRandom(request.seed ?? 0)
  const topK = request.top_k ?? 20
  const sampling = {
    temperature: request.top_p === 0 ? 0 : (request.temperature ?? 0.7),
    topK,
    topP: request.top_p ?? 1,
  }
  const own = prompt.split('[MASK]').length - 1
  let text = ''
  for (let left = masks; left > 0; left--) {
    const gap = ' [MASK]'.repeat(left)
    const inputs = `${prompt}${text}${gap} ${request.suffix}`
    const lists = await answer(call, { task, model, inputs, parameters: { top_k: topK }, field: 'prompt' })
    const candidates = (Array.isArray((lists as unknown[])[0]) ? (lists as unknown[])[own] : lists) as MaskCandidate[]
    const index = draw(
      candidates.map(({ score }) => Math.log(score)),
      sampling,
      random(),
    )
    text = append(prompt, text, candidates[index]?.token_str ?? '')
    const cut = firstStop(text, stopsOf(request))
    if (cut !== -1) return { text: text.slice(0, cut), finish_reason: 'stop' }
  }
  return { text, finish_reason: 'length' }
}

function append(prompt: string, text: string, token: string): string {
  if (token.startsWith('##')) return text + token.slice(2)
  return /(^|\s)$/.test(prompt + text) ? text + token : `${text} ${token}`
}

function stopsOf({ stop }: Request): string[] {
  return [stop ?? []].flat().filter((value) => value !== '')
}

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.toLowerCase().indexOf(stop.toLowerCase())).filter((index) => index !== -1)
  return found.length === 0 ? -1 : Math.min(...found)
}
