/** Labels of one text. */
import type { TaskName } from '../../client/tasks.ts'
import { lines } from '../format.ts'
import { labels } from '../views/labels.ts'
import { type Example, taskPage } from './page.ts'

type Classification = Extract<
  TaskName,
  'text-classification' | 'sentiment' | 'emotion' | 'toxicity' | 'topic' | 'acceptability'
>

function classification(name: Classification, title: string, about: string, examples: readonly [string, string][]) {
  const given = examples.map(([label, inputs]): Example => ({ label, values: { inputs } }))
  return taskPage({
    name,
    title,
    group: 'Labels',
    head: name === 'text-classification' ? 'sentiment' : name,
    about,
    fields: [{ name: 'inputs', label: 'Text', kind: 'text' }],
    examples: given as [Example, ...Example[]],
    body: ({ inputs = '' }) => ({ inputs }),
    draw: (answer) => labels(answer),
  })
}

export const classify = [
  classification('sentiment', 'Sentiment', 'How positive or negative a review is.', [
    ['A film', 'The plot was thin, but I loved every minute of it.'],
    ['Another', 'Two hours of my life that nobody will give back to me.'],
    ['A shop', 'The parcel came a day early and everything was in it.'],
  ]),
  classification('emotion', 'Emotion', 'Sadness, joy, love, anger, fear or surprise.', [
    ['Joy', 'I am so happy to see you again after all these years.'],
    ['Fear', 'I hear steps behind me and dare not turn around.'],
    ['Anger', 'They promised to call back and never did, for the third time.'],
  ]),
  classification('toxicity', 'Toxicity', 'Whether a comment would drive others out of a conversation.', [
    ['Kind', 'Thank you for your help, I could not have done it alone.'],
    ['Rude', 'You are a complete idiot and nobody wants you here.'],
  ]),
  classification('topic', 'Topic', 'World, sports, business, or science and technology.', [
    ['Sports', 'The striker scored twice in the final minutes of the match.'],
    ['Business', 'Shares fell after the company cut its forecast for the year.'],
    ['Science', 'Researchers at Google released BERT, a language model, in 2018.'],
  ]),
  classification('acceptability', 'Acceptability', 'Whether a sentence is good English.', [
    ['Good', 'The cat sat on the mat.'],
    ['Broken', 'The cat the mat on sat had.'],
  ]),
  classification(
    'text-classification',
    'Text classification',
    'The general route: sentiment, unless the request names another head.',
    [
      ['A film', 'Did you see the ending? I cried with happiness.'],
      ['A meal', 'The soup was cold and the waiter was rude.'],
    ],
  ),
  taskPage({
    name: 'zero-shot-classification',
    title: 'Zero-shot classification',
    group: 'Labels',
    head: 'natural-language-inference',
    about: 'Labels of your own, without training: does the text entail “This example is …”?',
    fields: [
      { name: 'inputs', label: 'Text', kind: 'text' },
      { name: 'labels', label: 'Labels, one a line', kind: 'lines' },
    ],
    examples: [
      {
        label: 'A request',
        values: { inputs: 'I want my money back for this broken phone.', labels: 'refund\npraise\nweather' },
      },
      {
        label: 'A search',
        values: { inputs: 'Can you get medicine for someone at the pharmacy?', labels: 'health\ntravel\ncooking' },
      },
    ],
    body: ({ inputs = '', labels: given = '' }) => ({ inputs, parameters: { candidate_labels: lines(given) } }),
    draw: (answer) => labels(answer),
  }),
]
