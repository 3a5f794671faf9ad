/** Clusters and near duplicates: texts that belong together, in cards. */
import type { Answer } from '../../client/tasks.ts'
import { type Child, h } from '../dom.ts'
import { count } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { bars } from './bars.ts'

export function clusters({ clusters, silhouette }: Answer<'clustering'>): Drawn {
  return {
    summary: `${count(clusters.length, 'cluster')}; silhouette ${silhouette.toFixed(2)} (1 is well apart).`,
    body: h(
      'div',
      { class: 'groups' },
      ...clusters.map(({ members, center, cohesion }, index) =>
        card(
          index,
          `${count(members.length, 'text')}${members.length > 1 ? `, mean cosine ${cohesion.toFixed(2)}` : ''}`,
          members.map((member) => [
            member.text,
            members.length > 2 && member.index === center.index && h('small', { class: 'tag' }, 'centre'),
          ]),
        ),
      ),
    ),
  }
}

export function duplicates({ pairs, groups, unique }: Answer<'near-duplicates'>, texts: readonly string[]): Drawn {
  const alone = unique.filter((index) => !groups.some((group) => group.includes(index)))
  const pair = (first: number, second: number) => `${first + 1} ↔ ${second + 1}`
  return {
    summary: `${count(groups.length, 'group')} of near duplicates; ${count(unique.length, 'text')} would be left.`,
    body: [
      h(
        'div',
        { class: 'groups' },
        ...groups.map((group, index) =>
          card(
            index,
            count(group.length, 'text'),
            group.map((i) => [
              h('b', {}, `${i + 1} `),
              texts[i] ?? '',
              unique.includes(i) && h('small', { class: 'tag' }, 'kept'),
            ]),
          ),
        ),
        alone.length > 0 &&
          card(
            5,
            `${count(alone.length, 'text')} on ${alone.length === 1 ? 'its' : 'their'} own`,
            alone.map((i) => [h('b', {}, `${i + 1} `), texts[i] ?? '']),
          ),
      ),
      pairs.length > 0 && h('h3', {}, 'Pairs by cosine'),
      pairs.length > 0 &&
        bars(pairs.map(({ first, second, score }) => ({ label: pair(first, second), score, value: score.toFixed(2) }))),
    ],
  }
}

function card(index: number, title: string, items: readonly Child[]): HTMLElement {
  return h(
    'section',
    { class: `group group-${index % 6}` },
    h('h3', {}, title),
    h('ul', {}, ...items.map((item) => h('li', {}, item))),
  )
}
