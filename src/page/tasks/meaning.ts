/** Tasks on vectors. */
import { lines } from '../format.ts'
import { embeddings } from '../views/embeddings.ts'
import { clusters, duplicates } from '../views/groups.ts'
import { heatmap } from '../views/heatmap.ts'
import { ranking } from '../views/ranking.ts'
import { senses } from '../views/senses.ts'
import { taskPage, text } from './page.ts'

const MIXED = [
  'A man is playing a guitar.',
  'Someone makes music on stage.',
  'The orchestra tuned its violins.',
  'Stocks fell sharply on Monday.',
  'The bank raised its interest rates.',
  'Shares lost a tenth of their value.',
  'The trout took the bait.',
  'We went fishing at the lake.',
].join('\n')

const DOCUMENTS = [
  'To change your password, open Settings and choose Security.',
  'Parcels are sent within two working days.',
  'You can return a product within 30 days for a full refund.',
  'Our office is closed on public holidays.',
  'If you cannot sign in, ask for a new link by email.',
].join('\n')

const searches = [
  { label: 'Sign in', values: { query: 'I forgot my login', documents: DOCUMENTS } },
  { label: 'Money back', values: { query: 'Can I get my money back?', documents: DOCUMENTS } },
] as const

const search = [
  { name: 'query', label: 'Query', kind: 'line' },
  { name: 'documents', label: 'Documents, one a line', kind: 'lines' },
] as const

export const meaning = [
  taskPage({
    name: 'feature-extraction',
    title: 'Embeddings',
    group: 'Meaning',
    about: 'Each text becomes a vector of 384 numbers; texts that mean alike lie near each other.',
    fields: [{ name: 'texts', label: 'Texts, one a line', kind: 'lines' }],
    examples: [
      { label: 'Three subjects', values: { texts: MIXED } },
      {
        label: 'Questions',
        values: {
          texts:
            'How do I reset my password?\nI forgot my login.\nWhere is my parcel?\nWhen will my order arrive?\nDo you have vegan food?',
        },
      },
    ],
    body: ({ texts = '' }) => ({ inputs: lines(texts) as unknown as string }),
    draw: (answer, values) => embeddings(answer as unknown as number[][], lines(text(values, 'texts'))),
  }),
  taskPage({
    name: 'sentence-similarity',
    title: 'Sentence similarity',
    group: 'Meaning',
    about: 'How near in meaning each sentence is to one sentence: the cosine of their vectors.',
    fields: [
      { name: 'source', label: 'Sentence', kind: 'line' },
      { name: 'sentences', label: 'Compare with, one a line', kind: 'lines' },
    ],
    examples: [
      {
        label: 'Music',
        values: {
          source: 'A man is playing a guitar.',
          sentences: 'Someone makes music.\nA woman plays the violin.\nA man is eating pasta.\nStocks fell today.',
        },
      },
    ],
    body: ({ source = '', sentences = '' }) => ({ inputs: { source_sentence: source, sentences: lines(sentences) } }),
    draw(answer, values) {
      const sentences = lines(text(values, 'sentences'))
      const best = answer.indexOf(Math.max(...answer))
      return {
        summary: `Nearest: “${sentences[best]}”, ${answer[best]?.toFixed(2)}.`,
        body: heatmap({
          caption: 'Cosine with the sentence',
          rows: sentences,
          columns: [text(values, 'source')],
          values: answer.map((value) => [value]),
        }),
      }
    },
  }),
  taskPage({
    name: 'semantic-search',
    title: 'Semantic search',
    group: 'Meaning',
    about: 'The documents that answer a query, whatever words they use.',
    fields: search,
    examples: searches,
    body: ({ query = '', documents = '' }) => ({ inputs: { query, documents: lines(documents) } }),
    draw: (answer) => ranking(answer),
  }),
  taskPage({
    name: 'rerank',
    title: 'Rerank',
    group: 'Meaning',
    about: 'Puts what another search found into a better order.',
    fields: search,
    examples: searches,
    body: ({ query = '', documents = '' }) => ({
      inputs: { query, documents: lines(documents) },
      parameters: { return_documents: true },
    }),
    draw: (answer) => ranking(answer.map(({ document = '', score }) => ({ text: document, score }))),
  }),
  taskPage({
    name: 'clustering',
    title: 'Clustering',
    group: 'Meaning',
    about: 'Groups texts that are about the same thing; how many groups follows from the texts.',
    fields: [{ name: 'texts', label: 'Texts, one a line', kind: 'lines' }],
    examples: [{ label: 'Three subjects', values: { texts: MIXED } }],
    body: ({ texts = '' }) => ({ inputs: { texts: lines(texts) } }),
    draw: (answer) => clusters(answer),
  }),
  taskPage({
    name: 'near-duplicates',
    title: 'Near duplicates',
    group: 'Meaning',
    about: 'Texts of a list that repeat each other in nearly the same words.',
    fields: [{ name: 'texts', label: 'Texts, one a line', kind: 'lines' }],
    examples: [
      {
        label: 'Guitars',
        values: {
          texts:
            'A man is playing a guitar.\nA man plays the guitar.\nStocks fell today.\nStocks fell sharply today.\nThe trout took the bait.',
        },
      },
    ],
    body: ({ texts = '' }) => ({ inputs: { texts: lines(texts) } }),
    draw: (answer, values) => duplicates(answer, lines(text(values, 'texts'))),
  }),
  taskPage({
    name: 'word-sense',
    title: 'Word sense',
    group: 'Meaning',
    about: 'A word has another vector in each sentence. Uses of one meaning lie together; those of another come apart.',
    fields: [
      { name: 'word', label: 'Word', kind: 'line' },
      { name: 'contexts', label: 'Sentences that use it, one a line', kind: 'lines' },
      { name: 'senses', label: 'Senses to choose from, one a line (may be empty)', kind: 'lines' },
    ],
    examples: [
      {
        label: 'bank',
        values: {
          word: 'bank',
          contexts:
            'We sat on the bank of the river and watched the boats.\nThe bank lent him money to buy a house.\nReeds grow along the bank of the stream.\nShe opened an account at the bank.\nThe bank raised its interest rates.',
          senses: '',
        },
      },
      {
        label: 'bat',
        values: {
          word: 'bat',
          contexts:
            'A bat flew out of the cave at night.\nHe hit the ball with a wooden bat.\nThe bat hangs upside down and sleeps all day.\nThe player swung his bat and missed.',
          senses: 'an animal that flies at night\na stick to hit a ball with',
        },
      },
    ],
    body({ word = '', contexts = '', senses: given = '' }) {
      const senses = lines(given)
      return {
        inputs: { word, contexts: lines(contexts), ...(senses.length > 0 ? { senses } : {}) },
        parameters: { offset_type: 'utf16' as const },
      }
    },
    draw: (answer) => senses(answer),
  }),
]
