/** Tasks that weigh one text against another. */
import { lines } from '../format.ts'
import { labels } from '../views/labels.ts'
import { choices, nextSentence } from '../views/pairs.ts'
import { taskPage, text } from './page.ts'

export const pairs = [
  taskPage({
    name: 'next-sentence-prediction',
    title: 'Next sentence',
    group: 'Pairs',
    head: 'next-sentence-prediction',
    about:
      'BERT’s second lesson: does one sentence follow another? With more than two, the order that holds together best.',
    fields: [{ name: 'sentences', label: 'Two sentences, or up to eight to order; one a line', kind: 'lines' }],
    examples: [
      { label: 'Follows', values: { sentences: 'Paul went shopping.\nHe bought a new shirt.' } },
      { label: 'Does not', values: { sentences: 'Ramona made coffee.\nVanilla ice cream cones for sale.' } },
      {
        label: 'Two stories',
        values: {
          sentences:
            'The trout broke his line.\nThe bakery opens at six.\nPaul went fishing in the park.\nIts bread is still warm then.',
        },
      },
    ],
    body: ({ sentences = '' }) => {
      const [first = '', second = '', ...more] = lines(sentences)
      return { inputs: more.length > 0 ? { sentences: [first, second, ...more] } : { first, second } }
    },
    draw: (answer, values) => nextSentence(answer, lines(text(values, 'sentences'))),
  }),
  taskPage({
    name: 'natural-language-inference',
    title: 'Natural language inference',
    group: 'Pairs',
    head: 'natural-language-inference',
    about: 'Whether one text entails another, contradicts it, or says nothing about it.',
    fields: [
      { name: 'premise', label: 'Premise', kind: 'line' },
      { name: 'hypothesis', label: 'Hypothesis', kind: 'line' },
    ],
    examples: [
      { label: 'Contradicts', values: { premise: 'A man is sleeping on a bench.', hypothesis: 'Nobody is asleep.' } },
      {
        label: 'Entails',
        values: { premise: 'A man is playing a guitar on stage.', hypothesis: 'Someone makes music.' },
      },
      {
        label: 'Open',
        values: { premise: 'A woman is reading a letter.', hypothesis: 'The letter is from her sister.' },
      },
    ],
    body: ({ premise = '', hypothesis = '' }) => ({ inputs: { text: premise, text_pair: hypothesis } }),
    draw: (answer) => labels(answer),
  }),
  taskPage({
    name: 'paraphrase',
    title: 'Paraphrase',
    group: 'Pairs',
    head: 'paraphrase',
    about: 'Whether two texts say the same.',
    fields: [
      { name: 'text', label: 'One text', kind: 'line' },
      { name: 'text_pair', label: 'The other', kind: 'line' },
    ],
    examples: [
      {
        label: 'Same',
        values: { text: 'How do I learn to play the guitar?', text_pair: 'What is the best way to learn guitar?' },
      },
      {
        label: 'Different',
        values: { text: 'How do I learn to play the guitar?', text_pair: 'How do I sell my old guitar?' },
      },
    ],
    body: ({ text: first = '', text_pair = '' }) => ({ inputs: { text: first, text_pair } }),
    draw: (answer) => labels(answer),
  }),
  taskPage({
    name: 'multiple-choice',
    title: 'Multiple choice',
    group: 'Pairs',
    head: 'next-sentence-prediction',
    about: 'Which of several endings fits, as in the SWAG test of common sense.',
    fields: [
      { name: 'context', label: 'Beginning', kind: 'line' },
      { name: 'choices', label: 'Choices, one a line', kind: 'lines' },
    ],
    examples: [
      {
        label: 'Coffee',
        values: { context: 'She poured milk into her', choices: 'coffee.\nairplane.\nbicycle.\nhomework.' },
      },
      {
        label: 'Fishing',
        values: {
          context: 'He cast his line into the lake and waited.',
          choices: 'A fish took the bait.\nThe judge read the verdict.\nHer laptop needed an update.',
        },
      },
    ],
    body: ({ context = '', choices: given = '' }) => ({ inputs: { context, choices: lines(given) } }),
    draw: (answer, values) => choices(answer, text(values, 'context')),
  }),
]
