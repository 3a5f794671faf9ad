/** What a call cost: the phases of Server-Timing as a stacked bar, a cold call beside a warm one. */
import type { Answered } from './call.ts'
import { h, styled } from './dom.ts'
import { milliseconds, size } from './format.ts'

const PHASES: readonly (readonly [name: string, means: string])[] = [
  ['bytes', 'model files read and checked'],
  ['session', 'graphs made of them'],
  ['tokenize', 'text to tokens'],
  ['encode', 'the encoder'],
  ['head', 'the task’s head'],
  ['decode', 'numbers to an answer'],
]
const REST = ['rest', 'network and all else'] as const

/** The last cold and the last warm call of each task. */
const known = new Map<string, { cold?: Answered; warm?: Answered }>()

export function timing(task: string, call: Answered): HTMLElement {
  const before = known.get(task) ?? {}
  const kind = call.cold ? 'cold' : 'warm'
  const other = call.cold ? before.warm : before.cold
  known.set(task, { ...before, [kind]: call })
  const longest = Math.max(...[call, other].map((each) => (each ? lengthOf(each) : 0)))
  return h(
    'div',
    { class: 'timing' },
    h('p', { class: 'total' }, h('b', {}, milliseconds(call.total)), h('span', { class: `badge ${kind}` }, kind)),
    h('p', { class: 'aside' }, whatLoaded(call)),
    row(call, longest),
    other
      ? h('p', { class: 'aside' }, `The last ${call.cold ? 'warm' : 'cold'} call: ${milliseconds(other.total)}`)
      : null,
    other ? row(other, longest) : null,
    table(call),
  )
}

function whatLoaded({ loaded, cold }: Answered): string {
  if (loaded > 0) return `This call loaded ${size(loaded)} of the model first.`
  return cold ? 'This call waited while another one loaded the model.' : 'The model was loaded already.'
}

function split(call: Answered): { name: string; means: string; value: number }[] {
  const phases = PHASES.map(([name, means]) => ({ name, means, value: call.phases[name] ?? 0 }))
  const rest = call.total - phases.reduce((sum, { value }) => sum + value, 0)
  return [...phases, { name: REST[0], means: REST[1], value: Math.max(0, rest) }]
}

/** Phases may overlap (the vocabulary is read while weights are), so their sum may be more than the whole. */
function lengthOf(call: Answered): number {
  return split(call).reduce((sum, { value }) => sum + value, 0)
}

function row(call: Answered, longest: number): HTMLElement {
  const parts = split(call).map(({ name, value }) =>
    styled(h('span', { class: `phase-${name}` }), '--share', value / longest),
  )
  return h('div', { class: 'stack', 'aria-hidden': 'true' }, ...parts)
}

function table(call: Answered): HTMLElement {
  return h(
    'table',
    { class: 'phases' },
    h('caption', { class: 'hidden' }, 'Milliseconds by phase'),
    h(
      'tbody',
      {},
      ...split(call).map(({ name, means, value }) =>
        h(
          'tr',
          { class: value === 0 ? 'none' : null },
          h('th', { scope: 'row', title: means }, h('span', { class: `swatch phase-${name}` }), name),
          h('td', {}, milliseconds(value)),
        ),
      ),
    ),
  )
}
