/**
 * OpenAI's completions, for `/v1/completions` and for the paths to which Hugging Face's clients append it. Text comes
 * from the task text-generation; between a prompt and a suffix from completion-gap.ts.
 */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { Manifest } from '../../model/package.ts'
import type { GeneratedText } from '../../tasks/text-generation.ts'
import type { BertTokenizer } from '../../tokenizer/index.ts'
import { type Body, EventStream } from '../http.ts'
import { answer, type Call, parse, resolveModel, resolveTask } from '../inference.ts'
import { fillGap, type Gap, gapOf } from './completion-gap.ts'
import { countTokens, type Generated, tokenEvents, words } from './generated-tokens.ts'
import { inputTexts, textsOrTokens } from './tiktoken.ts'

/** OpenAI's default, and the most that the task makes in one go. */
const DEFAULT_TOKENS = 16
const MOST_TOKENS = 128
/** A gap has one mask for each token; a suffix asks for a few words unless the caller says otherwise. */
const DEFAULT_GAP = 4
/** About what the encoder reads for one new token at the end; a request's token budget counts passes so. */
const TOKENS_PER_PASS = 70
/** The head takes as long for its row (3 to 6 ms) as the encoder for so many tokens. */
const TOKENS_PER_ROW = 8
/**
 * Answers that repeat their prompts would not fit into an isolate if they had more characters. A stream repeats each
 * twice.
 */
const MOST_ECHOED = 10_000_000
const MOST_ECHOED_IN_STREAM = MOST_ECHOED / 2

export const completionRequest = z.object({
  model: z.string().nullish(),
  prompt: textsOrTokens,
  suffix: z.string().nullish().describe('Text after the gap; fills what is between.'),
  max_tokens: z.int().min(1).nullish().describe(`Default ${DEFAULT_TOKENS}, at most ${MOST_TOKENS}.`),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(1).max(1000).nullish(),
  do_sample: z.boolean().nullish().describe('false is the same as temperature 0.'),
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
export async function completion(call: Call, body: Body, model?: Manifest): Promise<Completion | EventStream> {
  const request = parse(completionRequest, body, '')
  const prompts = await inputTexts(request.prompt, 'prompt', call.ports)
  const manifest = model ?? (await resolveModel(call, request.model, 'multitask'))
  const wanted = request.max_tokens ?? (request.suffix ? DEFAULT_GAP : DEFAULT_TOKENS)
  const maxTokens = Math.min(wanted, MOST_TOKENS)
  if (wanted > MOST_TOKENS)
    call.usage.warnings.add(`max_tokens ${wanted} is more than ${MOST_TOKENS}, the most of one completion`)
  if (request.logprobs) call.usage.warnings.add('logprobs are not given')

  const n = request.n ?? 1
  const echo = request.echo || request.return_full_text
  if (echo) checkEcho(n * prompts.reduce((sum, { length }) => sum + length, 0), request.stream)
  const tokenizer = await call.ports.library.tokenizer(manifest, call.usage, call.keepAlive)
  const { suffix } = request
  const gaps = suffix ? prompts.map((prompt) => gapOf(prompt, suffix, maxTokens, tokenizer, manifest)) : []
  checkPasses(n * maxTokens * prompts.length, suffix ? gaps.map(({ tokens }) => tokens) : [TOKENS_PER_PASS], call)
  const generated: Generated[] = []
  for (const [p, prompt] of prompts.entries()) {
    const input_length = countTokens(prompt, tokenizer)
    const gap = gaps[p]
    const cutBefore = call.usage.truncated
    if (gap?.cut) call.usage.truncated++
    for (let i = 0; i < n; i++) {
      const seeded = { ...request, seed: seedAfter(request.seed ?? 0, i) }
      const made = gap
        ? await fill(call, manifest, gap, seeded)
        : await generate(call, manifest, prompt, seeded, maxTokens)
      generated.push({ ...made, before: echo ? prompt : '', seed: seeded.seed, input_length })
    }
    // A prompt that is cut was cut for each of its n completions.
    call.usage.truncated = Math.min(call.usage.truncated, cutBefore + 1)
  }
  const head = {
    id: `cmpl-${crypto.randomUUID()}`,
    object: 'text_completion' as const,
    created: Math.floor(Date.now() / 1000),
    model: manifest.id,
  }
  const usage = usageOf(generated, n, tokenizer)
  if (!request.stream) {
    const choices = generated.map((each, index) => choice(each.before + each.text, index, each.finish_reason))
    return { ...head, choices, usage }
  }
  const last = request.stream_options?.include_usage ? [{ choices: [], usage }] : []
  return new EventStream(streamed(head, generated, tokenizer, last), true)
}

/** The events of all completions, one after the other, then `last`; `head` stands in each. */
function* streamed(head: object, generated: readonly Generated[], tokenizer: BertTokenizer, last: readonly object[]) {
  for (const [index, each] of generated.entries())
    for (const event of eventsOf(each, index, tokenizer)) yield { ...head, ...event }
  for (const event of last) yield { ...head, ...event }
}

function choice<Reason>(text: string, index: number, finish_reason: Reason) {
  return { text, index, logprobs: null, finish_reason }
}

/**
 * With text-generation-inference's fields beside OpenAI's: the types of Hugging Face's clients promise them. A prompt
 * that is repeated comes with the first word.
 */
function* eventsOf(generated: Generated, index: number, tokenizer: BertTokenizer): Generator<object> {
  const { before, text, finish_reason } = generated
  const texts = [...words(text), '']
  let i = 0
  for (const token of tokenEvents(generated, tokenizer)) {
    const piece = `${i === 0 ? before : ''}${texts[i]}`
    yield { choices: [choice(piece, index, ++i === texts.length ? finish_reason : null)], ...token }
  }
}

/** @param n completions of each prompt, one after the other */
function usageOf(generated: readonly Generated[], n: number, tokenizer: BertTokenizer) {
  const prompt_tokens = generated.reduce((sum, { input_length }) => sum + input_length, 0) / n
  const completion_tokens = generated.reduce((sum, { text }) => sum + countTokens(text, tokenizer), 0)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

/** The next of a list of seeds; behind the largest comes 0. */
function seedAfter(seed: number, steps: number): number {
  const left = Number.MAX_SAFE_INTEGER - seed
  return steps <= left ? seed + steps : steps - left - 1
}

/**
 * @param tokens new ones in all
 * @param passes tokens that are read for each of them: of each prompt, or one number for all
 * @throws ServiceError('validation') when so many would cost more than a request's token budget
 */
function checkPasses(tokens: number, passes: readonly number[], { ports }: Call): void {
  const mean = passes.reduce((sum, read) => sum + read, 0) / passes.length + TOKENS_PER_ROW
  const most = Math.floor(ports.tokens.batch / mean)
  if (tokens > most) {
    throw invalid(`prompts × n × \`max_tokens\` must be at most ${most}. Given: ${tokens}`, 'max_tokens')
  }
}

function checkEcho(characters: number, stream: boolean | null | undefined): void {
  const most = stream ? MOST_ECHOED_IN_STREAM : MOST_ECHOED
  if (characters <= most) return
  throw invalid(`\`echo\` repeats at most ${most} characters of prompts. Given: ${characters}`, 'echo')
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
  const { top_k, seed } = request
  const stop = stopsOf(request)
  const parameters = { max_new_tokens: maxTokens, top_k, seed, stop, return_full_text: false, ...drawOf(request) }
  const before = call.usage.passes
  const task = resolveTask('text-generation')
  const made = await answer(call, { task, model, inputs: prompt, parameters, field: 'prompt' })
  const text = ([made].flat()[0] as GeneratedText).generated_text
  const passes = call.usage.passes - before
  return { text, finish_reason: stop.length > 0 ? finishReason(text, passes, maxTokens) : 'length' }
}

/** OpenAI's top_p 0 takes the likeliest token each time, as do Hugging Face's do_sample false and temperature 0. */
function drawOf({ temperature, top_p, do_sample }: Request): Pick<Request, 'temperature' | 'top_p'> {
  return top_p === 0 || do_sample === false ? { temperature: 0, top_p: null } : { temperature, top_p }
}

/** The task makes the last token, a full stop, without a pass; a text that a stop sequence cut lacks one or the other. */
export function finishReason(text: string, passes: number, maxTokens: number): 'stop' | 'length' {
  const isWhole = passes >= Math.max(1, maxTokens - 1) && (maxTokens === 1 || text.endsWith('.'))
  return isWhole ? 'length' : 'stop'
}

async function fill(call: Call, model: Manifest, gap: Gap, request: Request & { seed: number }): Promise<Made> {
  let text = ''
  for await (text of fillGap(call, model, gap, { ...request, ...drawOf(request) })) {
    const cut = firstStop(text, stopsOf(request))
    if (cut !== -1) return { text: text.slice(0, cut), finish_reason: 'stop' }
  }
  return { text, finish_reason: 'length' }
}

function stopsOf({ stop }: Request): string[] {
  return [stop ?? []].flat().filter((value) => value !== '')
}

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.toLowerCase().indexOf(stop.toLowerCase())).filter((index) => index !== -1)
  return found.length === 0 ? -1 : Math.min(...found)
}
