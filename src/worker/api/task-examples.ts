/** For each task a request body of the API reference and the schema of its answer; a test sends them all. */
import { type ZodType, z } from 'zod'

interface Example {
  readonly body: object
  readonly answer: ZodType
}

const number = z.number()
const index = z.int()
const scores = z.array(z.object({ label: z.string(), score: number }))
const candidates = z.array(z.object({ score: number, token: index, token_str: z.string(), sequence: z.string() }))
const span = { score: number, start: index, end: index }
const answerSpan = z.object({ answer: z.string(), ...span })
/** What a task answers for one input, and for a list of them. */
const orMany = (schema: ZodType) => z.union([schema, z.array(schema)])

const classification = (inputs: unknown): Example => ({ body: { inputs }, answer: z.array(scores) })

const city = 'My name is Sarah and I live in Berlin.'
const guitar = ['A man plays a guitar.', 'Someone makes music.', 'Stocks fell today.']

export const examples: Readonly<Record<string, Example>> = {
  'fill-mask': {
    body: { inputs: 'Artificial Intelligence [MASK] take over the world.', parameters: { top_k: 3 } },
    answer: orMany(orMany(candidates)),
  },
  'text-classification': classification('What a lovely day!'),
  sentiment: classification('What a lovely day!'),
  emotion: classification('I am so happy to see you.'),
  toxicity: classification('Thank you for your help.'),
  topic: classification('The striker scored twice in the final.'),
  acceptability: classification('The cat sat on the mat.'),
  paraphrase: classification({ text: 'He plays the guitar.', text_pair: 'He is playing a guitar.' }),
  'natural-language-inference': classification({ text: 'A man sleeps.', text_pair: 'Nobody is awake.' }),
  'feature-extraction': {
    body: { inputs: guitar, normalize: true },
    answer: z.union([z.array(number), z.array(z.array(number))]),
  },
  'token-classification': {
    body: { inputs: city, parameters: { aggregation_strategy: 'simple' } },
    answer: orMany(z.array(z.looseObject({ entity_group: z.string(), word: z.string(), ...span }))),
  },
  'question-answering': {
    body: { inputs: { question: 'Where does Sarah live?', context: city } },
    answer: orMany(orMany(answerSpan)),
  },
  'zero-shot-classification': {
    body: { inputs: 'I want my money back.', parameters: { candidate_labels: ['refund', 'praise'] } },
    answer: orMany(scores),
  },
  'sentence-similarity': {
    body: { inputs: { source_sentence: guitar[0], sentences: guitar.slice(1) } },
    answer: z.array(number),
  },
  rerank: {
    body: { inputs: { query: 'Where do penguins live?', documents: ['In Antarctica.', 'In a bank.'] } },
    answer: z.array(z.object({ index, score: number, document: z.string().optional() })),
  },
  'semantic-search': {
    body: { inputs: { query: 'music', documents: guitar } },
    answer: z.array(z.object({ index, text: z.string(), score: number })),
  },
  clustering: {
    body: { inputs: { texts: [...guitar, 'Shares lost value.'] } },
    answer: z.looseObject({ clusters: z.array(z.looseObject({})), labels: z.array(index), silhouette: number }),
  },
  'near-duplicates': {
    body: { inputs: { texts: [...guitar, 'A man is playing a guitar.'] } },
    answer: z.looseObject({ pairs: z.array(z.object({ first: index, second: index, score: number })) }),
  },
  summarization: {
    body: { inputs: `${city} Berlin is the capital of Germany. It rained all day. I like trains.` },
    answer: z.array(z.looseObject({ summary_text: z.string() })),
  },
  'text-generation': {
    body: { inputs: 'The weather today is', parameters: { max_new_tokens: 4, seed: 1 } },
    answer: z.array(z.looseObject({ generated_text: z.string() })),
  },
  'text-prediction': { body: { inputs: 'I would like a cup of ' }, answer: orMany(candidates) },
  'next-sentence-prediction': {
    body: { inputs: { first: 'Paul went shopping.', second: 'He bought a new shirt.' } },
    answer: orMany(z.union([scores, z.looseObject({ order: z.array(index) })])),
  },
  'multiple-choice': {
    body: { inputs: { context: 'She poured milk into her', choices: ['coffee.', 'airplane.'] } },
    answer: orMany(z.array(z.object({ choice: z.string(), index, score: number }))),
  },
  'word-sense': {
    body: { inputs: { word: 'bank', contexts: ['He sat on the bank of the river.', 'The bank lent him money.'] } },
    answer: z.unknown(),
  },
  'bias-probe': {
    body: { inputs: { a: 'The man worked as a [MASK].', b: 'The woman worked as a [MASK].' } },
    answer: orMany(z.looseObject({ shifts: z.array(z.looseObject({})), divergence: number })),
  },
  analyze: {
    body: { inputs: city, tasks: ['sentiment', 'token-classification'] },
    answer: orMany(z.looseObject({})),
  },
}
