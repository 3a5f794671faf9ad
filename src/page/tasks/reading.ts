/** Tasks that read a text and point into it. */
import { answers } from '../views/answers.ts'
import { entities } from '../views/entities.ts'
import { summary } from '../views/summary.ts'
import { taskPage, text } from './page.ts'

const OFFSETS = { offset_type: 'utf16' } as const

const TRAINING =
  'BERT was trained on Wikipedia, about 2.5 billion words, and on the BooksCorpus, about 800 million words. ' +
  'The training took 64 TPUs and lasted four days. Afterwards it could be adapted to one task in minutes.'

const ARTICLE =
  'For most of its history, language processing needed a separate model for each task. ' +
  'BERT, released by Google in 2018, changed that. One model reads a text in both directions at once and can be adapted to many tasks. ' +
  'It learned by hiding some words of a text and guessing them. ' +
  'It also learned to tell whether one sentence follows another. ' +
  'Since then, smaller models have been made from it that run on telephones. ' +
  'The weather in California is mild for most of the year. ' +
  'The code and the weights are open, so that anyone can build on them.'

export const reading = [
  taskPage({
    name: 'token-classification',
    title: 'Named entities',
    group: 'Reading',
    head: 'token-classification',
    about: 'Persons, organisations, places and other names in a text of any length.',
    fields: [{ name: 'inputs', label: 'Text', kind: 'text' }],
    examples: [
      {
        label: 'A move',
        values: { inputs: 'Sarah Connor moved from Los Angeles to Berlin to work for Siemens.' },
      },
      {
        label: 'BERT',
        values: { inputs: 'BERT was published by Jacob Devlin and others at Google in Mountain View, California.' },
      },
      { label: 'An emoji', values: { inputs: '🎣 Paul caught a trout in Glacier National Park, Montana.' } },
    ],
    body: ({ inputs = '' }) => ({ inputs, parameters: OFFSETS }),
    draw: (answer, values) => entities(answer, text(values, 'inputs')),
  }),
  taskPage({
    name: 'question-answering',
    title: 'Question answering',
    group: 'Reading',
    head: 'question-answering',
    about: 'The words of a passage that answer a question.',
    fields: [
      { name: 'question', label: 'Question', kind: 'line' },
      { name: 'context', label: 'Passage', kind: 'text' },
    ],
    examples: [
      { label: 'How long', values: { question: 'How long did the training last?', context: TRAINING } },
      { label: 'What on', values: { question: 'What was BERT trained on?', context: TRAINING } },
      {
        label: 'Where',
        values: {
          question: 'Where does Sarah live?',
          context: 'My name is Sarah and I live in Berlin. My brother Paul lives in Rome with his two dogs.',
        },
      },
    ],
    body: ({ question = '', context = '' }) => ({
      inputs: { question, context },
      parameters: { top_k: 3, ...OFFSETS },
    }),
    draw: (answer, values) => answers(answer, text(values, 'context')),
  }),
  taskPage({
    name: 'summarization',
    title: 'Summarization',
    group: 'Reading',
    about: 'The sentences that say most of what a text says. Nothing is reworded, so nothing is made up.',
    fields: [
      { name: 'inputs', label: 'Text', kind: 'text' },
      { name: 'num_sentences', label: 'Sentences', kind: 'number' },
    ],
    examples: [
      { label: 'BERT', values: { inputs: ARTICLE, num_sentences: '3' } },
      { label: 'One sentence', values: { inputs: ARTICLE, num_sentences: '1' } },
    ],
    body: ({ inputs = '', num_sentences }) => ({
      inputs,
      parameters: { num_sentences: Number(num_sentences || 3), all_sentences: true, ...OFFSETS },
    }),
    draw: (answer, values) => summary(answer, text(values, 'inputs')),
  }),
]
