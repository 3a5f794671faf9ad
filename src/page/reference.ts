/** The API reference: the Worker's own /openapi.json, by family, to be searched and tried. */
import { CallError, readJson } from './call.ts'
import { byId, h } from './dom.ts'
import { askForKey, connectKeyField } from './key.ts'
import { type Document, type Entry, familiesOf } from './reference/document.ts'
import { operationElement } from './reference/operation.ts'

const main = byId('families')
const menu = byId('menu')
const keyField = byId<HTMLInputElement>('key')
const filter = byId<HTMLInputElement>('filter')
const found = byId('found')

interface Listed {
  readonly element: HTMLElement
  readonly link: HTMLElement
  readonly text: string
  readonly section: HTMLElement
}

let listed: readonly Listed[] = []
let reading = new AbortController()

/** A newer reading takes the place of one that is under way. */
async function load(): Promise<void> {
  reading.abort()
  reading = new AbortController()
  const { signal } = reading
  try {
    show((await readJson('/openapi.json', signal)) as Document)
  } catch (error) {
    if (signal.aborted) return
    showError(error)
    if (!(error instanceof CallError)) throw error
  }
}

function showError(error: unknown): void {
  const isLocked = error instanceof CallError && error.status === 401
  const message = isLocked ? 'This Worker wants an API key: put it into the field above.' : (error as Error).message
  listed = []
  menu.replaceChildren()
  main.replaceChildren(h('p', { class: 'error' }, message))
  search()
  if (isLocked) askForKey(keyField)
}

function show(document: Document): void {
  const families = familiesOf(document)
  menu.replaceChildren()
  main.replaceChildren()
  listed = [...families].flatMap(([family, entries]) => {
    const items = entries.map((entry) => listItem(entry, family))
    menu.append(h('h2', {}, family), h('ul', {}, ...items.map(({ link }) => link)))
    const section = h(
      'section',
      { class: 'family', 'aria-label': family },
      h('h2', {}, family),
      ...items.map(({ element }) => element),
    )
    main.append(section)
    return items.map((item) => ({ ...item, section }))
  })
  openLinked()
  search()
}

function search(): void {
  const words = filter.value.toLowerCase().split(/\s+/)
  let count = 0
  for (const { element, link, text } of listed) {
    const matches = words.every((word) => text.includes(word))
    element.hidden = !matches
    link.hidden = !matches
    if (matches) count++
  }
  for (const { section } of listed) section.hidden = !section.querySelector('details:not([hidden])')
  found.textContent = listed.length > 0 ? `${count} of ${listed.length} routes` : ''
}

function listItem(entry: Entry, family: string): Omit<Listed, 'section'> {
  const { paths, method, operation } = entry
  const element = operationElement(entry)
  // A path that two families share is shown with each.
  if (operation.tags[0] !== family) element.id += `-${family.replace(/\W/g, '-')}`
  const link = h('li', {}, h('a', { href: `#${element.id}`, onclick: () => open(element) }, paths[0] ?? ''))
  return { element, link, text: `${method} ${paths.join(' ')} ${operation.summary} ${family}`.toLowerCase() }
}

function open(element: HTMLElement | null): void {
  if (!(element instanceof HTMLDetailsElement)) return
  element.open = true
  element.scrollIntoView()
}

function openLinked(): void {
  open(document.getElementById(location.hash.slice(1)))
}

window.addEventListener('hashchange', openLinked)
filter.addEventListener('input', search)
connectKeyField(keyField, load)
await load()
