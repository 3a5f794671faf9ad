/** Analyze: the tasks that read a single text, at once. */
import { lines } from '../format.ts'
import { analysis } from '../views/analysis.ts'
import { type TaskPage, taskPage } from './page.ts'

const TASKS = [
  'sentiment',
  'emotion',
  'topic',
  'toxicity',
  'acceptability',
  'token-classification',
  'summarization',
  'text-prediction',
]

/** @param pages those of the single tasks, whose views are drawn */
export function together(pages: readonly TaskPage[]): TaskPage {
  return taskPage({
    name: 'analyze',
    title: 'Analyze',
    group: 'Together',
    about: 'Several tasks on one text. What reads the same text shares one pass of the encoder.',
    fields: [
      { name: 'inputs', label: 'Text', kind: 'text' },
      { name: 'tasks', label: 'Tasks', kind: 'checks', options: TASKS },
    ],
    examples: [
      {
        label: 'A letter',
        values: {
          inputs:
            'Dear Sarah, thank you for the wonderful days in Berlin! The concert at the Philharmonie was the best I have heard. I hope that we meet again in Rome.',
          tasks: TASKS.slice(0, 7).join('\n'),
        },
      },
      {
        label: 'A review',
        values: {
          inputs: 'The new phone from Samsung is fast, but its battery is dead by noon. I want my money back.',
          tasks: 'sentiment\nemotion\ntopic\ntoken-classification',
        },
      },
    ],
    body: ({ inputs = '', tasks = '' }) => ({
      inputs,
      parameters: {
        tasks: lines(tasks),
        task_parameters: { summarization: { all_sentences: true } },
        offset_type: 'utf16',
      },
    }),
    draw({ usage, ...answers }, values, edit) {
      const parts = Object.entries(answers).flatMap(([name, answer]) => {
        const page = pages.find((other) => other.name === name)
        return page ? [{ title: page.title, drawn: page.draw(answer, values, edit) }] : []
      })
      return analysis(parts, usage)
    },
  })
}
