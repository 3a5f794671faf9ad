/** Text that the model adds: suggestions while typing, and a continuation. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { count, percent } from '../format.ts'
import type { Drawn, Edit } from '../tasks/page.ts'
import { typed } from './masks.ts'

export function suggestions(given: Answer<'text-prediction'>, text: string, edit: Edit): Drawn {
  const [best] = given
  if (!best) return { summary: 'No suggestions.', body: null }
  return {
    summary: `${count(given.length, 'suggestion')}; likeliest “${best.token_str}”.`,
    body: [
      h('p', { class: 'passage large' }, ...added(best.sequence, text)),
      h(
        'ul',
        { class: 'chips' },
        ...given.map(({ token_str, score, sequence }) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', class: 'chip', onclick: () => edit({ inputs: `${sequence} ` }) },
              token_str,
              h('small', {}, percent(score)),
            ),
          ),
        ),
      ),
      h('p', { class: 'aside' }, 'Suggestions follow as you type; choose one to add it.'),
    ],
  }
}

export function continuation({ generated_text }: Answer<'text-generation'>, prompt: string): Drawn {
  return {
    summary: `${count(generated_text.length - prompt.length, 'character')} added.`,
    body: h('p', { class: 'passage large' }, ...added(generated_text, prompt)),
  }
}

/** A text whose beginning was given, the rest typed. */
function added(text: string, given: string): (Node | string)[] {
  return text.startsWith(given) ? [given, typed(text.slice(given.length))] : [typed(text)]
}
