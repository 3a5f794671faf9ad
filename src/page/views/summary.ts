/** Summarization: the sentences that were kept, in their places. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { count, percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { marked } from './marks.ts'

export function summary({ summary_text, sentences }: Answer<'summarization'>, text: string): Drawn {
  const kept = sentences.filter(({ selected }) => selected)
  return {
    summary: `${kept.length} of ${count(sentences.length, 'sentence')} kept, ${percent(summary_text.length / text.length)} of the text.`,
    body: [
      h(
        'div',
        { class: 'dimmed' },
        marked(
          text,
          kept.map(({ start, end, score }) => ({ start, end, class: 'kept', title: `salience ${score.toFixed(2)}` })),
        ),
      ),
      h('h3', {}, 'The summary'),
      h('p', { class: 'passage' }, summary_text),
    ],
  }
}
