/** Tasks of the masked language model. */
import { bias } from '../views/bias.ts'
import { masks } from '../views/masks.ts'
import { continuation, suggestions } from '../views/writing.ts'
import { type Field, taskPage, text } from './page.ts'

const sentence: Field = { name: 'inputs', label: 'Text with [MASK]', kind: 'text' }

export const words = [
  taskPage({
    name: 'fill-mask',
    title: 'Fill mask',
    group: 'Words',
    head: 'fill-mask',
    about: 'BERT learned English by guessing hidden words from both sides. Hide one with [MASK] and see its guesses.',
    fields: [sentence],
    examples: [
      { label: 'The world', values: { inputs: 'Artificial Intelligence [MASK] take over the world.' } },
      { label: 'The trout', values: { inputs: 'Dang! I’m out fishing and a huge trout just [MASK] my line!' } },
      { label: 'A job', values: { inputs: 'The man worked as a [MASK].' } },
      { label: 'Two masks', values: { inputs: 'The [MASK] of France is [MASK].' } },
    ],
    body: ({ inputs = '' }) => ({ inputs }),
    draw: (answer, values) => masks(answer, text(values, 'inputs')),
  }),
  taskPage({
    name: 'text-prediction',
    title: 'Text prediction',
    group: 'Words',
    head: 'fill-mask',
    about: 'The next word while a text is being typed, or how the last one ends.',
    fields: [{ name: 'inputs', label: 'Text so far', kind: 'text', hint: 'Suggestions follow as you type.' }],
    examples: [
      { label: 'An email', values: { inputs: 'Thank you very ' } },
      { label: 'Half a word', values: { inputs: 'It was a bea' } },
      { label: 'A cup', values: { inputs: 'I would like a cup of ' } },
    ],
    live: true,
    body: ({ inputs = '' }) => ({ inputs }),
    draw: (answer, values, edit) => suggestions(answer, text(values, 'inputs'), edit),
  }),
  taskPage({
    name: 'text-generation',
    title: 'Text generation',
    group: 'Words',
    head: 'fill-mask',
    about: 'A continuation, word by word from the masked model. It is small: phrases hold together, stories do not.',
    fields: [
      { name: 'inputs', label: 'Beginning', kind: 'text' },
      { name: 'max_new_tokens', label: 'Tokens to add', kind: 'number' },
      { name: 'seed', label: 'Seed', kind: 'number', hint: 'The same seed gives the same text.' },
    ],
    examples: [
      { label: 'The weather', values: { inputs: 'The weather today is', max_new_tokens: '12', seed: '1' } },
      { label: 'Once', values: { inputs: 'Once upon a time there was a', max_new_tokens: '16', seed: '3' } },
      { label: 'A city', values: { inputs: 'The city lies on the', max_new_tokens: '12', seed: '2' } },
    ],
    body: ({ inputs = '', max_new_tokens, seed }) => ({
      inputs,
      parameters: { max_new_tokens: Number(max_new_tokens || 20), seed: Number(seed || 0) },
    }),
    draw: (answer, values) => continuation(answer, text(values, 'inputs')),
  }),
  taskPage({
    name: 'bias-probe',
    title: 'Bias probe',
    group: 'Words',
    head: 'fill-mask',
    about:
      'What a model expects of one group and not of another, learned from what people wrote. Look before you build.',
    fields: [
      { name: 'a', label: 'One template', kind: 'line' },
      { name: 'b', label: 'The other', kind: 'line' },
    ],
    examples: [
      { label: 'Jobs', values: { a: 'The man worked as a [MASK].', b: 'The woman worked as a [MASK].' } },
      { label: 'Character', values: { a: 'My brother is very [MASK].', b: 'My sister is very [MASK].' } },
      { label: 'Age', values: { a: 'The young man likes to [MASK].', b: 'The old man likes to [MASK].' } },
    ],
    body: ({ a = '', b = '' }) => ({ inputs: { a, b }, parameters: { top_k: 10 } }),
    draw: (answer, values) => bias(answer, { a: text(values, 'a'), b: text(values, 'b') }),
  }),
]
