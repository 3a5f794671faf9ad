/** The requests that the page gives to copy, executed as they stand: each is answered as the page's own call is. */
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LISTED } from '../../src/client/index.ts'
import { registry } from '../../src/tasks/registry.ts'
import { pythonWith } from '../clients/python/environment.ts'
import { goToTask, type Site, startSite } from './support.ts'

const KEY = 'sesame-1234'
const FOLDER = 'dist/snippets'
const execute = promisify(execFile)

interface Copied {
  task: string
  tab: string
  code: string
}

/** Prints what a file prints as JSON, one line a file, in order. */
const NODE = `
globalThis.API_KEY = '${KEY}'
const print = process.stdout.write.bind(process.stdout)
console.log = (value) => print(JSON.stringify(value) + '\\n')
for (const file of process.argv.slice(2)) await import(file)
`
const PYTHON = `
import json, sys
printed = print
for name in sys.argv[1:]:
    exec(open(name).read(), {"API_KEY": "${KEY}", "print": lambda value: printed(json.dumps(value))})
`

let python: string
let open: Site
let keyed: Site
beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${FOLDER}/run.mjs`, NODE)
  writeFileSync(`${FOLDER}/run.py`, PYTHON)
  python = await pythonWith('requirements.txt')
  open = await startSite()
  keyed = await startSite({ vars: { API_KEY: KEY } })
}, 300_000)
afterAll(() => Promise.all([open.stop(), keyed.stop()]))

async function copied(site: Site, tasks: readonly string[], key?: string): Promise<Copied[]> {
  const { page } = await site.open('/')
  if (key) {
    await page.getByText('API key', { exact: true }).click()
    await page.getByLabel('Key, if this Worker wants one').fill(key)
  }
  const all: Copied[] = []
  for (const task of tasks) {
    await goToTask(page, task)
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      const code = (await page.locator('#request code').textContent()) ?? ''
      all.push({ task, tab: (await tab.textContent()) ?? '', code })
    }
  }
  await page.close()
  return all
}

/** What each of them prints, in order. */
async function outputs(all: readonly Copied[]): Promise<unknown[]> {
  const results: unknown[] = []
  const files = { js: [] as { at: number; file: string }[], py: [] as { at: number; file: string }[] }
  for (const [at, { tab, code }] of all.entries()) {
    if (tab === 'curl') {
      const { stdout } = await execute('bash', ['-c', code], {
        env: { ...process.env, API_KEY: KEY },
        maxBuffer: 1 << 24,
      })
      results[at] = JSON.parse(stdout)
      continue
    }
    const kind = tab === 'Python' ? 'py' : 'js'
    const file = `${process.cwd()}/${FOLDER}/${at}.${kind === 'py' ? 'py' : 'mjs'}`
    writeFileSync(file, code)
    files[kind].push({ at, file })
  }
  const runs = [
    { list: files.js, command: 'node', script: 'run.mjs' },
    { list: files.py, command: python, script: 'run.py' },
  ]
  for (const { list, command, script } of runs) {
    const given = list.map(({ file }) => file)
    const { stdout } = await execute(command, [`${FOLDER}/${script}`, ...given], { maxBuffer: 1 << 26 })
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(list.length)
    for (const [i, { at }] of list.entries()) results[at] = JSON.parse(lines[i] as string)
  }
  return results
}

/** The rest of what a client makes of the same answer. */
function expectAnswer({ task, tab }: Copied, given: unknown, answer: unknown): void {
  if (tab === 'OpenAI' && task === 'feature-extraction') {
    // As base64 floats on the wire, so the same to their precision.
    const vectors = (given as { data: { embedding: number[] }[] }).data.map(({ embedding }) => embedding[0])
    expect(vectors.map((value) => value?.toFixed(5))).toEqual(
      (answer as number[][]).map(([value]) => value?.toFixed(5)),
    )
  } else if (tab === 'OpenAI') {
    expect((answer as [{ generated_text: string }])[0].generated_text).toContain(
      (given as { choices: [{ text: string }] }).choices[0].text,
    )
  } else if (tab === 'Cohere') {
    const order = (list: unknown) => (list as { index: number }[]).map(({ index }) => index)
    expect(order((given as { results: unknown }).results)).toEqual(order(answer))
  } else if (tab === 'edge-bert' || tab === 'Hugging Face') {
    // One answer for one input, without the hub's list around it; the hub's client drops or renames a field here and there.
    const lone = LISTED.has(task) ? (answer as unknown[])[0] : answer
    if (tab === 'edge-bert') expect(given).toEqual(lone)
    else expect(typeof given).toBe(typeof lone)
  } else {
    expect(given).toEqual(answer)
  }
}

describe.each([
  ['without a key', () => copied(open, [...registry.keys()])],
  ['with a key', () => copied(keyed, ['fill-mask', 'feature-extraction', 'rerank'], KEY)],
])('%s', (name, copy) => {
  test('every request of every task gives its answer', { timeout: 240_000 }, async () => {
    const all = await copy()
    const given = await outputs(all)
    const tabs = new Set(all.map(({ tab }) => tab))
    expect(tabs).toEqual(new Set(['curl', 'fetch', 'Python', 'edge-bert', 'Hugging Face', 'OpenAI', 'Cohere']))
    for (const [i, each] of all.entries()) {
      const answer = given[all.findIndex(({ task, tab }) => task === each.task && tab === 'fetch')]
      expect(answer).not.toHaveProperty('error')
      expect([each.task, each.tab, given[i] !== undefined]).toEqual([each.task, each.tab, true])
      expectAnswer(each, given[i], answer)
    }
    if (name === 'with a key') for (const { code } of all) expect(code).not.toContain(KEY)
  })
})
