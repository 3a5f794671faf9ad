/** Analyze: each task's own view, one below the other, and what sharing the encoder saved. */
import { h } from '../dom.ts'
import { count } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'

export interface Part {
  readonly title: string
  readonly drawn: Drawn
}

export function analysis(parts: readonly Part[], usage: { passes: number; passes_alone: number }): Drawn {
  return {
    summary: `${count(parts.length, 'task')} in ${count(usage.passes, 'encoder pass', 'encoder passes')}; one by one it would be ${usage.passes_alone}.`,
    body: h(
      'div',
      { class: 'parts' },
      ...parts.map(({ title, drawn }) =>
        h('section', { class: 'part' }, h('h3', {}, title, ' ', h('small', {}, drawn.summary)), drawn.body),
      ),
    ),
  }
}
