/** Scores as bars: labels, candidates, choices, ranked documents. The numbers stand beside them as text. */
import { type Child, h, styled } from '../dom.ts'
import { percent } from '../format.ts'

export interface Bar {
  readonly label: Child
  /** In [0, 1] for `percent`; the length of the bar is its share of `most`. */
  readonly score: number
  readonly value?: string
}

export function bars(items: readonly Bar[], most = 1): HTMLElement {
  return h(
    'ol',
    { class: 'bars' },
    ...items.map((item, rank) => h('li', { class: rank === 0 ? 'bar best' : 'bar' }, ...barParts(item, most))),
  )
}

/** What is in a row: label, the bar itself, and its number. */
export function barParts({ label, score, value }: Bar, most = 1): Node[] {
  const length = Math.max(0, Math.min(1, score / most))
  return [
    h('span', { class: 'bar-label' }, label),
    h(
      'span',
      { class: 'bar-track', 'aria-hidden': 'true' },
      styled(h('span', { class: 'bar-fill' }), '--share', length),
    ),
    h('span', { class: 'bar-value' }, value ?? percent(score)),
  ]
}
