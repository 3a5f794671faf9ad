/** Token classification: names marked in the text, with what each colour stands for. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { count, percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { marked } from './marks.ts'

const KINDS: Readonly<Record<string, { name: string; tint: string }>> = {
  PER: { name: 'person', tint: 'tint-0' },
  ORG: { name: 'organisation', tint: 'tint-1' },
  LOC: { name: 'place', tint: 'tint-2' },
  MISC: { name: 'other name', tint: 'tint-3' },
}
const kindOf = (group: string) => KINDS[group] ?? { name: group, tint: 'tint-4' }

export function entities(found: Answer<'token-classification'>, text: string): Drawn {
  const groups = [...new Set(found.map(({ entity_group }) => entity_group))]
  return {
    summary: found.length === 0 ? 'No names found.' : `${count(found.length, 'name')} found.`,
    body: [
      marked(
        text,
        found.map(({ start, end, entity_group, score }) => ({
          start,
          end,
          class: kindOf(entity_group).tint,
          tag: entity_group,
          title: `${kindOf(entity_group).name}, ${percent(score)}`,
        })),
      ),
      h(
        'ul',
        { class: 'legend' },
        ...groups.map((group) =>
          h('li', {}, h('span', { class: `swatch ${kindOf(group).tint}` }), `${group}: ${kindOf(group).name}`),
        ),
      ),
    ],
  }
}
