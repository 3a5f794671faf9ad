/**
 * Cosines as a heat map. It is a table: every number is text, read by its row and column. The scale begins at the
 * least of them, but not below 0: vectors of one word are all near each other, and their differences are what counts.
 */
import { h, styled } from '../dom.ts'
import { cosine, shorten } from '../format.ts'

export interface Heat {
  readonly caption: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** [rows][columns] cosines. */
  readonly values: readonly (readonly number[])[]
}

export function heatmap({ caption, rows, columns, values }: Heat): HTMLElement {
  // A lone column has room for its text; several go by the numbers of the rows.
  const head = (text: string, i: number) => (columns.length === 1 ? shorten(text, 60) : String(i + 1))
  const least = Math.max(0, Math.min(...values.flat()))
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: 'heatmap' },
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h('tr', {}, h('td'), ...columns.map((text, i) => h('th', { scope: 'col', title: text }, head(text, i)))),
      ),
      h(
        'tbody',
        {},
        ...rows.map((text, i) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row', title: text }, h('b', {}, i + 1), h('span', {}, text)),
            ...(values[i] ?? []).map((value, j) =>
              styled(
                h('td', { title: `${text} ↔ ${columns[j]}` }, cosine(value)),
                '--heat',
                Math.max(0, value - least) / (1 - least || 1),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}
