/** Question answering: the answer in its passage, runners-up behind it. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { bars } from './bars.ts'
import { marked } from './marks.ts'

export function answers(given: Answer<'question-answering'>, context: string): Drawn {
  const found = [given].flat()
  const [best] = found
  if (!best) return { summary: 'No answer found.', body: null }
  return {
    summary: `“${best.answer}”, ${percent(best.score)}.`,
    body: [
      h('p', { class: 'headline' }, best.answer),
      marked(
        context,
        found.map(({ start, end, score }, rank) => ({
          start,
          end,
          class: rank === 0 ? 'answer' : 'runner-up',
          ...(rank === 0 ? { tag: percent(score) } : {}),
          title: percent(score),
        })),
      ),
      found.length > 1 && bars(found.map(({ answer, score }) => ({ label: answer, score }))),
    ],
  }
}
