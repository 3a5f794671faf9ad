/** Fill-mask: the chosen candidate typed into the gap; choosing another one types that. */
import type { Answer } from '../../client/tasks.ts'
import { type Child, h } from '../dom.ts'
import { count, percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { barParts } from './bars.ts'

const MASK = '[MASK]'
type Candidates = Extract<Answer<'fill-mask'>[number], unknown[]>

export function masks(answer: Answer<'fill-mask'>, text: string): Drawn {
  const lists = (Array.isArray(answer[0]) ? answer : [answer]) as Candidates[]
  const chosen = lists.map(([best]) => best?.token_str ?? '')
  const sentence = h('p', { class: 'passage large' })
  const type = () => sentence.replaceChildren(...filled(text, chosen))
  type()
  const best = lists[0]?.[0]
  return {
    summary: best
      ? `${count(lists.length, 'mask')} filled; likeliest “${best.token_str}”, ${percent(best.score)}.`
      : 'No candidates.',
    body: [
      sentence,
      ...lists.map((list, mask) =>
        choices(list, mask, lists.length, (word) => {
          chosen[mask] = word
          type()
        }),
      ),
    ],
  }
}

function choices(list: Candidates, mask: number, all: number, choose: (word: string) => void): HTMLElement {
  const most = list[0]?.score ?? 1
  return h(
    'fieldset',
    { class: 'bars' },
    h('legend', {}, all > 1 ? `Candidates for mask ${mask + 1}` : 'Candidates'),
    ...list.map(({ token_str, score }, rank) =>
      h(
        'label',
        { class: 'bar' },
        h('input', { type: 'radio', name: `mask-${mask}`, checked: rank === 0, onchange: () => choose(token_str) }),
        ...barParts({ label: token_str, score }, most),
      ),
    ),
  )
}

/** The text with a word in each mask; a piece (`##s`) joins the word before it. */
function filled(text: string, words: readonly string[]): (Node | string)[] {
  const parts = text.split(MASK)
  return parts.flatMap((part, i): (Node | string)[] => {
    const word = words[i]
    if (i === parts.length - 1 || word === undefined) return [i === parts.length - 1 ? part : part + MASK]
    const piece = word.startsWith('##')
    return [piece ? part.trimEnd() : part, typed(piece ? word.slice(2) : word)]
  })
}

export function typed(word: Child): HTMLElement {
  return h('mark', { class: 'typed' }, word)
}
