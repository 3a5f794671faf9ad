/** The fields of a task, its examples, and the button that asks. */
import { type Child, h } from './dom.ts'
import { lines } from './format.ts'
import type { Example, Field, TaskPage, Values } from './tasks/page.ts'

export interface Editor {
  readonly element: HTMLFormElement
  values(): Values
  fill(values: Values): void
}

/**
 * @param changed called with every change of a field, `typed` when it is the user's
 * @param run called when the user asks for an answer
 */
export function editor(page: TaskPage, values: Values, changed: (typed: boolean) => void, run: () => void): Editor {
  const fields = page.fields.map((field) => ({ field, ...control(field) }))
  const read = (): Values => Object.fromEntries(fields.map(({ field, get }) => [field.name, get()]))
  const put = (given: Values) => {
    for (const { field, set } of fields) if (given[field.name] !== undefined) set(given[field.name] ?? '')
  }
  const fill = (given: Values) => {
    put(given)
    changed(false)
  }
  const choose = ({ values: given }: Example) => {
    fill(given)
    run()
  }
  const element = h(
    'form',
    {
      class: 'editor',
      onsubmit(event) {
        event.preventDefault()
        run()
      },
      oninput: () => changed(true),
      onkeydown(event) {
        const { key, ctrlKey, metaKey } = event as KeyboardEvent
        if (key === 'Enter' && (ctrlKey || metaKey)) run()
      },
    },
    h(
      'ul',
      { class: 'chips', 'aria-label': 'Examples' },
      ...page.examples.map((example) =>
        h('li', {}, h('button', { type: 'button', class: 'chip', onclick: () => choose(example) }, example.label)),
      ),
    ),
    ...fields.map(({ element }) => element),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'submit', class: 'primary' }, 'Run'),
      h('span', { class: 'aside shortcut' }, 'or Ctrl + Enter'),
    ),
  )
  put(values)
  return { element, values: read, fill }
}

interface Control {
  element: HTMLElement
  get(): string
  set(text: string): void
}

function control(field: Field): Control {
  if (field.kind === 'checks') return checks(field)
  const id = `field-${field.name}`
  const described = field.hint ? { 'aria-describedby': `${id}-hint` } : {}
  const input =
    field.kind === 'text' || field.kind === 'lines'
      ? h('textarea', { id, class: field.kind, rows: 2, spellcheck: 'false', ...described })
      : h('input', { id, type: field.kind === 'number' ? 'number' : 'text', min: 0, autocomplete: 'off', ...described })
  return {
    element: labelled(field, id, input),
    get: () => input.value,
    set: (text) => {
      input.value = text
    },
  }
}

function labelled(field: Field, id: string, input: Child): HTMLElement {
  return h(
    'div',
    { class: `field ${field.kind}` },
    h('label', { for: id }, field.label),
    input,
    field.hint ? h('p', { class: 'hint', id: `${id}-hint` }, field.hint) : null,
  )
}

function checks(field: Field): Control {
  const boxes = (field.options ?? []).map((name) => h('input', { type: 'checkbox', name: field.name, value: name }))
  return {
    element: h(
      'fieldset',
      { class: 'field checks' },
      h('legend', {}, field.label),
      ...boxes.map((box) => h('label', {}, box, box.value)),
    ),
    get: () =>
      boxes
        .filter(({ checked }) => checked)
        .map(({ value }) => value)
        .join('\n'),
    set: (text) => {
      const chosen = new Set(lines(text))
      for (const box of boxes) box.checked = chosen.has(box.value)
    },
  }
}
