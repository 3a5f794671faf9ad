/** The documents as a whole: generated parts, links, the configuration they show, and that nothing is left out. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { z } from 'zod'
import { registry } from '../../src/tasks/registry.ts'
import type { Task } from '../../src/tasks/task.ts'
import { settle } from '../support/docs/answer.ts'
import { DOCUMENTS } from '../support/docs/files.ts'
import { generate } from '../support/docs/generated.ts'
import { blocksOf, generatedParts } from '../support/docs/markdown.ts'
import { startWorker, type TestWorker } from '../support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const documents = DOCUMENTS.map((file) => ({ file, markdown: readFileSync(file, 'utf8') }))

/** Without what Biome changes of a table: spaces and the dashes of its second line. */
const plain = (text: string) => text.replace(/-{2,}/g, '--').replace(/ +/g, ' ').trim()

const parts = documents.flatMap(({ file, markdown }) =>
  generatedParts(markdown).map((part) => [`${file}: ${part.name}`, part] as const),
)
test.each(parts)(
  'generated: %s',
  async (_, { name, text }) => {
    expect(plain(settle(await generate(name, worker), text))).toBe(plain(text))
  },
  180_000,
)

describe('every task', () => {
  const { markdown = '' } = documents.find(({ file }) => file === 'docs/tasks.md') ?? {}
  test.each([...registry.keys()])('%s has a section with a request', (name) => {
    const [, section = ''] = markdown.split(`\n## ${name}\n`)
    const [own = ''] = section.split('\n## ')
    expect(own).toContain(`curl http://localhost:8787/v1/tasks/${name} `)
    const [, other] = /^Parameters: as \[(.*)\]\(#\1\)\.$/m.exec(own) ?? []
    if (other) expect(keysOf(other)).toEqual(keysOf(name))
    else expect(own).toContain(`<!-- generated: parameters ${name} -->`)
  })
})

function keysOf(name: string): string[] {
  const schema = z.toJSONSchema((registry.get(name) as Task).parameters, { io: 'input', unrepresentable: 'any' })
  return Object.keys(schema.properties ?? {})
}

test('every header that an answer may have is explained', async () => {
  const response = await worker.post('/v1/tasks/sentiment', { inputs: 'fine' })
  const exposed = response.headers.get('access-control-expose-headers')?.split(', ') ?? []
  expect(exposed.length).toBeGreaterThan(5)
  const { markdown = '' } = documents.find(({ file }) => file === 'docs/limits.md') ?? {}
  expect(exposed.filter((name) => !markdown.toLowerCase().includes(`\`${name}\``))).toEqual([])
})

test('the messages that docs/errors.md explains are those of the code', () => {
  const { markdown = '' } = documents.find(({ file }) => file === 'docs/errors.md') ?? {}
  const ours = markdown.slice(0, markdown.indexOf('## Not from the Worker'))
  const messages = [...ours.matchAll(/^\| `(.*?)` /gm)].flatMap(([, message = '']) => message.split('…'))
  const code = sourcesOf('src')
  expect(messages.length).toBeGreaterThan(20)
  expect(messages.filter((part) => !code.includes(part.trim().replaceAll('`', '\\`')))).toEqual([])
})

function sourcesOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  )
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
}

describe('links', () => {
  const links = documents.flatMap(({ file, markdown }) =>
    [...markdown.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(([, link, source]) => [
      file,
      (link ?? source) as string,
    ]),
  )
  const local = links.filter(([, link]) => !/^https?:/.test(link as string))

  test.each(local)('%s → %s', (file = '', link = '') => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : join(dirname(file), path)
    expect(existsSync(target), target).toBe(true)
    if (anchor) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor)
  })

  test('README leads to every document', () => {
    const [readme] = documents
    for (const file of DOCUMENTS.slice(1)) expect(readme?.markdown).toContain(`(${file})`)
  })
})

/** Headings as GitHub names them in links. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('the TypeScript that the documents show has the types it says', () => {
  const folder = 'dist/docs-types'
  mkdirSync(folder, { recursive: true })
  const shown = documents
    .flatMap(({ file, markdown }) => blocksOf(file, markdown))
    .filter(({ language }) => language === 'ts')
  expect(shown.length).toBeGreaterThan(2)
  const files = shown.map(({ text }, i) => {
    writeFileSync(join(folder, `${i}.ts`), text)
    return `${i}.ts`
  })
  const environment = '../../worker-configuration.d.ts'
  const config = { extends: '../../tsconfig.json', include: [], files: [...files, environment] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { stdout } = spawnSync('tsc', ['-p', folder], { encoding: 'utf8' })
  expect(stdout).toBe('')
}, 60_000)

test('the parts of wrangler.toml that the documents show: wrangler takes them all', () => {
  const blocks = documents.flatMap(({ file, markdown }) => blocksOf(file, markdown))
  const shown = blocks.filter(({ language, meta }) => language === 'toml' && meta === '')
  expect(shown.length).toBeGreaterThan(3)
  const folder = resolve('dist/docs-configuration')
  mkdirSync(folder, { recursive: true })
  const merged = shown.reduce(
    (config, { text }, i) => {
      const path = join(folder, `part-${i}.toml`)
      writeFileSync(path, text)
      return merge(config, readRawConfig({ config: path }).rawConfig as Config)
    },
    { ...readRawConfig({ config: 'wrangler.toml' }).rawConfig, build: undefined } as Config,
  )
  const absolute = {
    ...merged,
    main: resolve('src/worker/index.ts'),
    assets: { ...(merged.assets as object), directory: resolve('assets') },
  }
  writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(absolute))
  const args = ['deploy', '--config', join(folder, 'wrangler.json'), '--dry-run', '--outdir', join(folder, 'build')]
  const output = execFileSync('wrangler', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  expect(output).toContain('--dry-run: exiting now')
  expect(output).not.toMatch(/WARNING|Unexpected fields/)
  for (const { binding } of (merged.r2_buckets ?? []) as { binding: string }[]) expect(output).toContain(binding)
}, 180_000)

type Config = Record<string, unknown>

/** A list of bindings grows, one of the same name is replaced; tables are joined. */
function merge(config: Config, part: Config): Config {
  const result = { ...config }
  for (const [key, value] of Object.entries(part)) {
    const known = result[key]
    if (Array.isArray(value) && Array.isArray(known)) {
      const names = new Set(value.map((item) => item?.binding))
      result[key] = [...known.filter((item) => !names.has(item?.binding) || item?.binding === undefined), ...value]
    } else if (isTable(value) && isTable(known)) result[key] = merge(known, value)
    else result[key] = value
  }
  return result
}

function isTable(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
