/** One operation: what it takes, an example to send, what it answers, and what may go wrong. */
import { send } from '../call.ts'
import { type Child, h } from '../dom.ts'
import { needsKey } from '../key.ts'
import { type Entry, objectsIn, options, type Row, rowsOf, type Schema, typeOf } from './document.ts'

/** @returns its element, closed; what is inside is made when it is opened first */
export function operationElement(entry: Entry): HTMLDetailsElement {
  const { method, paths, operation } = entry
  const inside = h('div', { class: 'operation' })
  return h(
    'details',
    {
      id: operation.operationId,
      ontoggle: () => {
        if (inside.childElementCount === 0) inside.append(...describe(entry))
      },
    },
    h(
      'summary',
      {},
      h('span', { class: `method ${method}` }, method.toUpperCase()),
      h('code', {}, paths[0] ?? ''),
      h('span', { class: 'what' }, prose(operation.summary)),
    ),
    inside,
  )
}

function describe(entry: Entry): HTMLElement[] {
  const { paths, operation } = entry
  const body = operation.requestBody?.content['application/json']
  const answers = Object.entries(operation.responses['200']?.content ?? {})
  const parts = [
    paths.length > 1
      ? h(
          'p',
          { class: 'aside' },
          'Also at ',
          ...paths.slice(1).flatMap((path, i) => [i > 0 ? ', ' : '', h('code', {}, path)]),
        )
      : null,
    body ? part('Body', ...fieldTables(body.schema)) : null,
    part('Example', example(entry, body?.example)),
    part(
      'Answer',
      ...answers.flatMap(([type, { schema }]) => [
        h('p', {}, h('code', {}, type), ': ', prose(schema.description ?? typeOf(schema))),
        ...answerFields(schema),
      ]),
    ),
    part('Errors', errors(entry)),
  ]
  return parts.filter((each) => each !== null)
}

function part(title: string, ...children: (HTMLElement | null)[]): HTMLElement {
  return h('section', {}, h('h4', {}, title), ...children)
}

/** A table for each form that the body may have. */
function fieldTables(schema: Schema): HTMLElement[] {
  const forms = options(schema)
  return forms.flatMap((form, i) => [...(i > 0 ? [h('p', { class: 'aside' }, 'or')] : []), fieldTable(rowsOf(form))])
}

function answerFields(schema: Schema): HTMLElement[] {
  return objectsIn(schema).map((object) => fieldTable(rowsOf(object)))
}

/** Words between backticks as code. */
function prose(text: string): Child[] {
  return text.split('`').map((piece, i) => (i % 2 === 1 ? h('code', {}, piece) : piece))
}

function fieldTable(rows: readonly Row[]): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Fields' },
    h(
      'table',
      { class: 'fields' },
      h('thead', {}, h('tr', {}, ...['Field', 'Type', 'Meaning'].map((name) => h('th', { scope: 'col' }, name)))),
      h(
        'tbody',
        {},
        ...rows.map(({ name, depth, type, required, description }) =>
          h(
            'tr',
            {},
            h(
              'th',
              { scope: 'row', class: `depth-${Math.min(depth, 3)}` },
              h('code', {}, name),
              ' ',
              required ? h('small', {}, 'required') : null,
            ),
            h('td', {}, h('code', {}, type)),
            h('td', {}, prose(description)),
          ),
        ),
      ),
    ),
  )
}

/** The request, and a button that sends it to this very Worker. */
function example({ method, paths, operation }: Entry, body: unknown): HTMLElement {
  const path = (paths[0] ?? '').replace(/\{(\w+)\}/g, (_, name: string) => {
    return encodeURIComponent(operation.parameters?.find((parameter) => parameter.name === name)?.example ?? name)
  })
  const json = body === undefined ? null : JSON.stringify(body, null, 2)
  const key = needsKey() ? ` -H "authorization: Bearer $API_KEY"` : ''
  const data =
    json === null ? '' : ` \\\n  -H 'content-type: application/json' \\\n  -d '${json.replaceAll("'", "'\\''")}'`
  const status = h('span', { role: 'status', class: 'aside' })
  const answer = h('code')
  const shown = h('pre', { tabindex: 0, hidden: true }, answer)
  async function ask(): Promise<void> {
    shown.hidden = true
    try {
      const headers = { 'content-type': 'application/json' }
      const response = await send(path, json === null ? {} : { method: 'POST', headers, body: json })
      const text = await response.text()
      status.textContent = `${response.status} in ${Math.round(text.length / 100) / 10} kB`
      answer.textContent = pretty(text)
      shown.hidden = text === ''
    } catch (error) {
      status.textContent = `That did not work. ${(error as Error).message}`
    }
  }
  return h(
    'div',
    {},
    h(
      'pre',
      { tabindex: 0 },
      h('code', {}, `curl ${method === 'get' ? '' : '-X POST '}${location.origin}${path}${key}${data}`),
    ),
    h('div', { class: 'actions' }, h('button', { type: 'button', onclick: ask }, 'Send'), status),
    shown,
  )
}

/** Long answers are cut: the page shows a form, not data. */
function pretty(text: string): string {
  const whole = text.startsWith('{') || text.startsWith('[') ? JSON.stringify(JSON.parse(text), null, 2) : text
  return whole.length > 4000 ? `${whole.slice(0, 4000)}\n…` : whole
}

function errors({ operation }: Entry): HTMLElement {
  const failures = Object.entries(operation.responses).filter(([status]) => status !== '200')
  if (failures.length === 0) return h('p', { class: 'aside' }, 'None.')
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Errors' },
    h(
      'table',
      { class: 'fields' },
      h('thead', {}, h('tr', {}, ...['Status', 'When', 'Body'].map((name) => h('th', { scope: 'col' }, name)))),
      h(
        'tbody',
        {},
        ...failures.map(([status, { description, content }]) => {
          const body = content?.['application/json']?.example
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, status),
            h('td', {}, description),
            h('td', {}, h('code', {}, body ? JSON.stringify(body) : 'empty')),
          )
        }),
      ),
    ),
  )
}
