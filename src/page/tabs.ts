/** Tabs as the ARIA practices have them: arrow keys move between them, one panel is open. */
import { h } from './dom.ts'
import type { Snippet } from './snippets.ts'

/** Which one was open last, so that another task's request comes in the same language. */
let open = 'curl'

export interface RequestTabs {
  readonly element: HTMLElement
  /** Shows the same clients' requests after a change; who has the focus here keeps it. */
  update(all: readonly Snippet[]): void
}

/** The requests of one task, for each client. */
export function requestTabs(given: readonly Snippet[]): RequestTabs {
  let all = given
  const code = h('code')
  const panel = h('div', { id: 'request-code', role: 'tabpanel' }, h('pre', { tabindex: 0 }, code))
  const tabs = all.map(({ name }) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${name.replace(' ', '-')}`,
        'aria-controls': 'request-code',
        onclick: () => show(name),
      },
      name,
    ),
  )
  const copied = h('span', { role: 'status', class: 'aside' })
  function show(name: string): void {
    const index = Math.max(
      0,
      all.findIndex((snippet) => snippet.name === name),
    )
    open = all[index]?.name ?? 'curl'
    const text = all[index]?.code ?? ''
    if (text !== code.textContent) copied.textContent = ''
    code.textContent = text
    for (const [i, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(i === index))
      tab.tabIndex = i === index ? 0 : -1
    }
    panel.setAttribute('aria-labelledby', tabs[index]?.id ?? '')
  }
  function move(event: Event): void {
    const at = tabs.findIndex((tab) => tab.tabIndex === 0)
    const steps: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1 + tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }
    const to = steps[(event as KeyboardEvent).key]
    if (to === undefined) return
    event.preventDefault()
    const tab = tabs[to % tabs.length]
    tab?.click()
    tab?.focus()
  }
  async function copy(): Promise<void> {
    // Only pages that are secure (https, localhost) have a clipboard; elsewhere the text is selected for the user's own.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(code.textContent ?? '')
      copied.textContent = 'Copied.'
    } else {
      getSelection()?.selectAllChildren(code)
      copied.textContent = 'Selected: copy with Ctrl + C.'
    }
  }
  show(open)
  const element = h(
    'div',
    { class: 'request' },
    h('div', { role: 'tablist', 'aria-label': 'Languages and clients', onkeydown: move }, ...tabs),
    panel,
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: copy }, 'Copy'), copied),
  )
  const update = (changed: readonly Snippet[]) => {
    all = changed
    show(open)
  }
  return { element, update }
}
