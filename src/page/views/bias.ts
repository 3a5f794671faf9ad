/** Bias probe: the words that two templates do not share alike, as bars to either side. */
import type { Answer } from '../../client/tasks.ts'
import { h, styled } from '../dom.ts'
import { percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'

export function bias({ shifts, divergence }: Answer<'bias-probe'>, templates: { a: string; b: string }): Drawn {
  const most = Math.max(...shifts.flatMap(({ score_a, score_b }) => [score_a, score_b]), 1e-9)
  const side = (name: 'a' | 'b', score: number) =>
    h(
      'td',
      { class: `side side-${name}` },
      styled(h('span', { class: 'side-bar', 'aria-hidden': 'true' }), '--share', score / most),
      h('span', {}, percent(score)),
    )
  return {
    summary: `The two expectations differ by ${divergence.toFixed(2)} bits; 0 is no difference, 1 is all.`,
    body: [
      styled(
        h(
          'p',
          { class: 'meter' },
          h('span', {}, `${divergence.toFixed(2)} bits`),
          h('span', { class: 'meter-bar', 'aria-hidden': 'true' }),
        ),
        '--share',
        Math.min(1, divergence),
      ),
      h(
        'table',
        { class: 'bias' },
        h('caption', {}, 'Words whose probability moves most between the two'),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, templates.a),
            h('th', { scope: 'col' }, 'Word'),
            h('th', { scope: 'col' }, templates.b),
          ),
        ),
        h(
          'tbody',
          {},
          ...shifts.map(({ token_str, score_a, score_b }) =>
            h('tr', {}, side('a', score_a), h('th', { scope: 'row' }, token_str), side('b', score_b)),
          ),
        ),
      ),
    ],
  }
}
