/** The playground: one task at a time, chosen by the address (`/#fill-mask`). Nothing is asked before the user asks. */
import { LISTED } from '../client/index.ts'
import { type Answered, CallError, callTask } from './call.ts'
import { byId, h } from './dom.ts'
import { type Editor, editor } from './editor.ts'
import { askForKey, connectKeyField, needsKey } from './key.ts'
import { loading } from './loading.ts'
import { memory } from './memory.ts'
import { chosenModel, isServed, loadModels } from './models.ts'
import { type Snippet, snippets } from './snippets.ts'
import { type RequestTabs, requestTabs } from './tabs.ts'
import { taskPages } from './tasks/index.ts'
import type { TaskPage, Values } from './tasks/page.ts'
import { timing } from './timing.ts'

const LIVE_PAUSE_MS = 150

const result = byId('result')
const status = byId('status')
const keyField = byId<HTMLInputElement>('key')
const chooser = byId<HTMLSelectElement>('task')
/** What stood in a task's fields when the user left it. */
const left = new Map<string, Values>()

let page = taskPages[0] as TaskPage
let form: Editor
let tabs: RequestTabs
let running = new AbortController()
let pause = 0

function buildMenu(): void {
  const groups = Map.groupBy(taskPages, ({ group }) => group)
  for (const [group, pages] of groups) {
    const links = pages.map(({ name, title }) => h('li', {}, h('a', { href: `#${name}` }, title)))
    byId('menu').append(h('h2', {}, group), h('ul', {}, ...links))
    const options = pages.map(({ name, title }) => h('option', { value: name }, title))
    chooser.append(h('optgroup', { label: group }, ...options))
  }
  chooser.addEventListener('change', () => {
    location.hash = chooser.value
  })
}

/** Marks the tasks that the model has no head for; they can still be opened and read about. */
function markTasks(): void {
  for (const each of taskPages) {
    const isMissing = !isServed(each)
    const link = byId('menu').querySelector<HTMLAnchorElement>(`[href="#${each.name}"]`)
    link?.classList.toggle('missing', isMissing)
    if (link) link.title = isMissing ? 'The model has no head for this task.' : ''
    const option = chooser.querySelector<HTMLOptionElement>(`[value="${each.name}"]`)
    if (option) option.disabled = isMissing
  }
}

function modelChanged(): void {
  markTasks()
  changed(false)
}

/** No address is the first task; one that names none (the skip link's) is no task. */
function taskAt(hash: string): TaskPage | undefined {
  return hash === '' ? taskPages[0] : taskPages.find(({ name }) => `#${name}` === hash)
}

function openTask(next: TaskPage): void {
  if (form) left.set(page.name, form.values())
  running.abort()
  result.removeAttribute('aria-busy')
  clearTimeout(pause)
  page = next
  document.title = `${page.title} · edge-bert`
  chooser.value = page.name
  for (const link of byId('menu').querySelectorAll('a')) {
    if (link.hash === `#${page.name}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  byId('title').textContent = page.title
  byId('about').textContent = page.about
  form = editor(page, left.get(page.name) ?? page.examples[0].values, changed, run)
  byId('editor').replaceChildren(form.element)
  status.textContent = ''
  result.replaceChildren(h('p', { class: 'empty' }, 'Choose an example, or write a text of your own and run it.'))
  byId('timing').replaceChildren(h('p', { class: 'aside' }, 'Shown after a call.'))
  tabs = requestTabs(requests())
  byId('request').replaceChildren(tabs.element)
}

function requests(): Snippet[] {
  const { origin } = location
  return snippets({ task: page.name, ...page.body(form.values()), ...chosenModel(), origin, key: needsKey() })
}

function changed(typed: boolean): void {
  tabs.update(requests())
  if (!page.live || !typed) return
  clearTimeout(pause)
  pause = window.setTimeout(run, LIVE_PAUSE_MS)
}

/** A newer call, or another task, takes the place of one that is under way. */
async function run(): Promise<void> {
  running.abort()
  clearTimeout(pause)
  running = new AbortController()
  const { signal } = running
  const values = form.values()
  const files = loading()
  result.setAttribute('aria-busy', 'true')
  try {
    const answered = await callTask(
      page.name,
      { ...page.body(values), ...chosenModel() },
      (file) => {
        if (!files.element.isConnected) {
          status.textContent = `Loading ${file.model}…`
          result.replaceChildren(files.element)
        }
        files.show(file)
      },
      signal,
    )
    if (signal.aborted) return
    showAnswer(answered, values)
  } catch (error) {
    if (signal.aborted) return
    showError(error)
    if (!(error instanceof CallError)) throw error
  } finally {
    if (!signal.aborted) result.removeAttribute('aria-busy')
  }
  byId('memory').replaceChildren(await memory())
}

function showAnswer(answered: Answered, values: Values): void {
  const { name } = page
  const lone = LISTED.has(name) ? (answered.body as unknown[])[0] : answered.body
  const { summary, body } = page.draw(lone, values, (given) => {
    form.fill(given)
    byId(`field-${Object.keys(given)[0]}`).focus()
    run()
  })
  status.textContent = summary
  const notes = answered.notes.map((note) => h('p', { class: 'note' }, note))
  result.replaceChildren(h('div', { class: `view ${name}` }, body), ...notes, rawAnswer(answered.body))
  byId('timing').replaceChildren(timing(name, answered))
}

function rawAnswer(body: unknown): HTMLElement {
  const code = h('code')
  const fill = () => {
    code.textContent ||= JSON.stringify(body, null, 2)
  }
  return h(
    'details',
    { class: 'raw', ontoggle: fill },
    h('summary', {}, 'The answer as JSON'),
    h('pre', { tabindex: 0 }, code),
  )
}

function showError(error: unknown): void {
  const { message, status: code } = error instanceof CallError ? error : new CallError(String(error), 0)
  status.textContent =
    code === 401 ? 'This Worker wants an API key: put it into the field above.' : 'That did not work.'
  result.replaceChildren(h('p', { class: 'error' }, message))
  if (code !== 401) return
  askForKey(keyField)
  changed(false)
}

buildMenu()
connectKeyField(keyField, () => loadModels().then(modelChanged))
byId('model').addEventListener('change', modelChanged)
window.addEventListener('hashchange', () => {
  const next = taskAt(location.hash)
  if (!next) return
  openTask(next)
  byId('title').focus()
})
openTask(taskAt(location.hash) ?? page)
loadModels().then(modelChanged)
byId('memory').replaceChildren(await memory())
