/** Bodies and answers of text-embeddings-inference's routes, with an example of each. */
import { z } from 'zod'
import { MAX_TEXTS, texts } from '../../tasks/embed.ts'
import { embeddingParameters } from '../../tasks/feature-extraction.ts'
import { text, truncation } from '../../tasks/text.ts'
import { oneOrTwo, predictInput, textOrIds } from './tei-tasks.ts'
import { tokenList } from './tokens.ts'

const inputs = z.union([textOrIds, z.array(textOrIds).max(MAX_TEXTS)])
const vectors = z.array(z.array(z.number()))
const scores = z.array(z.object({ label: z.string(), score: z.number() }))
const rawScores = z.boolean().nullish().describe('Scores before the last function (default false).')
const ranked = z.array(z.object({ index: z.int(), text: z.string().optional(), score: z.number() }))

export const embed = {
  request: z.object({ inputs, ...embeddingParameters.shape, prompt_name: z.string().nullish() }),
  answer: vectors,
  example: { inputs: ['A man plays a guitar.', 'Stocks fell today.'] },
}

export const embedAll = {
  request: z.object({ inputs, ...truncation }),
  answer: z.array(vectors),
  example: { inputs: 'A man plays.' },
}

export const embedSparse = {
  request: z.object({ inputs, ...truncation }),
  answer: z.array(z.array(z.object({ index: z.int(), value: z.number() }))),
  example: { inputs: 'A man plays.' },
}

export const predict = {
  request: z.object({
    inputs: z.union([predictInput, z.array(oneOrTwo).max(MAX_TEXTS)]),
    raw_scores: rawScores,
    ...truncation,
  }),
  answer: z.union([scores, z.array(scores)]),
  example: { inputs: 'What a lovely day!' },
}

export const rerank = {
  request: z.object({
    query: text,
    texts,
    raw_scores: rawScores,
    return_text: z.boolean().nullish(),
    top_n: z.int().min(1).nullish().describe('Only the best so many; not in TEI itself.'),
    ...truncation,
  }),
  answer: ranked,
  example: { query: 'Where do penguins live?', texts: ['In Antarctica.', 'In a bank.'] },
}

export const similarity = {
  request: z.object({
    inputs: z.object({ source_sentence: text, sentences: texts }),
    parameters: z.object(truncation).nullish(),
  }),
  answer: z.array(z.number()),
  example: {
    inputs: { source_sentence: 'A man plays a guitar.', sentences: ['Someone makes music.', 'Stocks fell.'] },
  },
}

export const tokenize = {
  request: z.object({
    inputs: z.union([text, texts]),
    add_special_tokens: z.boolean().nullish(),
    offset_type: z.enum(['codepoint', 'utf16']).nullish(),
  }),
  answer: z.array(
    z.array(
      z.object({
        id: z.int(),
        text: z.string(),
        special: z.boolean(),
        start: z.int().nullable(),
        stop: z.int().nullable(),
      }),
    ),
  ),
  example: { inputs: 'tokenize me' },
}

export const decode = {
  request: z.object({
    ids: z.union([tokenList, z.array(tokenList).max(MAX_TEXTS)]),
    skip_special_tokens: z.boolean().nullish().describe('Default true.'),
  }),
  answer: z.array(z.string()),
  example: { ids: [101, 7592, 2088, 102] },
}

export const vertex = {
  request: z.object({ instances: z.array(z.record(z.string(), z.unknown())).max(MAX_TEXTS) }),
  answer: z.object({ predictions: z.array(z.union([vectors, ranked])) }),
  example: { instances: [{ inputs: 'A man plays a guitar.' }] },
}

export const root = {
  request: z.object({ inputs: z.unknown(), parameters: z.looseObject({}).nullish() }),
  answer: z.unknown(),
  example: { inputs: 'The capital of France is [MASK].' },
}
