/** Word sense: the uses of a word grouped by meaning, and how far apart they lie. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { count } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { heatmap } from './heatmap.ts'
import { map } from './map.ts'
import { marked } from './marks.ts'

export function senses({ uses, similarity }: Answer<'word-sense'>): Drawn {
  const clusters = Map.groupBy(uses, ({ cluster }) => cluster)
  const contexts = uses.map(({ context }) => context)
  return {
    summary: `${count(clusters.size, 'meaning')} in ${count(uses.length, 'use')}.`,
    body: [
      h(
        'div',
        { class: 'groups' },
        ...[...clusters].map(([cluster, members]) =>
          h(
            'section',
            { class: `group group-${cluster % 6}` },
            h('h3', {}, `Meaning ${cluster + 1}`),
            h('ul', {}, ...members.map((use) => h('li', {}, usage(use), sense(use)))),
          ),
        ),
      ),
      map(
        uses.map(({ context, cluster }) => ({ text: context, group: cluster })),
        similarity,
      ),
      heatmap({
        caption: 'Cosines of the word in each context',
        rows: contexts,
        columns: contexts,
        values: similarity,
      }),
    ],
  }
}

type Use = Answer<'word-sense'>['uses'][number]

function usage({ context, start, end, cluster }: Use): HTMLElement {
  return marked(context, [{ start, end, class: `tint-${cluster % 6}` }])
}

function sense({ senses }: Use): HTMLElement | null {
  const [best] = senses ?? []
  return best ? h('p', { class: 'aside' }, `Nearest sense: ${best.sense} (${best.score.toFixed(2)})`) : null
}
