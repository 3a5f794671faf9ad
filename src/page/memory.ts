/** What the isolate holds, as /health says. Another request may reach another isolate. */
import { readJson } from './call.ts'
import { h, styled } from './dom.ts'
import { size } from './format.ts'

interface Health {
  wasm_heap_bytes: number
  js_bytes: number
  budget_bytes: number
  models: { id: string; loaded: string[]; bytes: number }[]
}

/** Its element, or the error that came instead. */
export function memory(): Promise<HTMLElement> {
  return readJson('/health').then(
    (health) => drawn(health as Health),
    (error: Error) => h('p', { class: 'error' }, error.message),
  )
}

function drawn(health: Health): HTMLElement {
  const used = health.wasm_heap_bytes + health.js_bytes
  const loaded = health.models.filter((model) => model.loaded.length > 0)
  return h(
    'div',
    { class: 'memory' },
    styled(
      h(
        'p',
        { class: 'meter' },
        h('span', {}, `${size(used)} of ${size(health.budget_bytes)}`),
        h('span', { class: 'meter-bar', 'aria-hidden': 'true' }),
      ),
      '--share',
      used / health.budget_bytes,
    ),
    loaded.length === 0
      ? h('p', { class: 'aside' }, 'No model is loaded yet: the first call does that.')
      : h(
          'ul',
          { class: 'aside' },
          ...loaded.map(({ id, loaded, bytes }) => h('li', {}, `${id}: ${size(bytes)} in ${loaded.length} graphs`)),
        ),
  )
}
