/** A deployment's checks together: real packages with faults put in, and an account as wrangler would describe it. */
import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeConfig } from '../support.ts'
import type { Output, Wrangler } from './account.ts'
import { readPackages } from './models.ts'
import { checkAccount, planDeployment } from './plan.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-bert-plan-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('packages', () => {
  const NAME = 'all-MiniLM-L6-v2'
  const path = (file: string) => join(folder, NAME, file)
  const messages = () => readPackages(folder).findings.map(({ message }) => message)
  beforeEach(() => cpSync(`assets/models/${NAME}`, join(folder, NAME), { recursive: true }))

  test('as they are', () => {
    expect(readPackages(folder)).toMatchObject({ findings: [], manifests: [{ id: NAME }] })
  })

  test('a file that is missing', () => {
    rmSync(path('vocab.txt'))
    expect(messages()).toEqual([`${path('vocab.txt')} is missing.`])
  })

  test('a file of another size', () => {
    appendFileSync(path('vocab.txt'), '\n')
    expect(messages()).toEqual([`${path('vocab.txt')} has 231509 bytes; its manifest says 231508.`])
  })

  test('a file with another content', () => {
    const bytes = readFileSync(path('encoder/layers.000.bin'))
    bytes[1000] = (bytes[1000] as number) ^ 1
    writeFileSync(path('encoder/layers.000.bin'), bytes)
    expect(messages()).toEqual([
      expect.stringMatching(/layers\.000\.bin has the sha256 [0-9a-f]{64}; its manifest says/),
    ])
  })

  test.each([
    [
      'a manifest that is none',
      () => writeFileSync(path('model.json'), '{"schema": 1}'),
      /model\.json is not a manifest: id /,
    ],
    ['a folder without one', () => rmSync(path('model.json')), /all-MiniLM-L6-v2 has no model\.json/],
  ])('%s', (_, spoil, message) => {
    spoil()
    expect(messages()).toEqual([expect.stringMatching(message)])
  })

  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(path(file), change(readFileSync(path(file), 'utf8')))

  test('a default task that is none; a classification head of the package is one', () => {
    edit('model.json', (text) => text.replace('"default_task": "feature-extraction"', '"default_task": "intent"'))
    expect(messages()).toEqual([
      expect.stringMatching(/default_task "intent" is neither a task nor a head; tasks: fill-mask, /),
    ])
    const head = {
      task: 'text-classification',
      rows: 'cls',
      graph: JSON.parse(readFileSync(path('model.json'), 'utf8')).vocab,
    }
    edit('model.json', (text) => text.replace('"heads": {}', `"heads": {"intent": ${JSON.stringify(head)}}`))
    expect(messages()).toEqual([])
  })

  test.each(['[UNK]', '[CLS]', '[SEP]', '[PAD]', '[MASK]'])('a vocabulary without %s', (token) => {
    const sha256 = () =>
      createHash('sha256')
        .update(readFileSync(path('vocab.txt')))
        .digest('hex')
    const before = sha256()
    edit('vocab.txt', (text) => text.replace(`${token}\n`, `${token.toLowerCase()}\n`))
    edit('model.json', (text) => text.replace(before, sha256()))
    expect(messages()).toEqual([
      expect.stringContaining(`${path('vocab.txt')}: vocabulary of 30522 tokens has no "${token}"`),
    ])
  })

  test('an id with an owner is the path', () => {
    cpSync(join(folder, NAME), join(folder, 'acme/intent'), { recursive: true })
    writeFileSync(
      join(folder, 'acme/intent/model.json'),
      readFileSync(path('model.json'), 'utf8').replace(`"id": "${NAME}"`, '"id": "acme/intent"'),
    )
    const { findings, manifests } = readPackages(folder)
    expect(findings).toEqual([])
    expect(manifests.map(({ id }) => id)).toEqual(['acme/intent', NAME])
  })

  test('a folder of an owner without any package, and one beside a package', () => {
    mkdirSync(join(folder, 'acme/intent/encoder'), { recursive: true })
    mkdirSync(join(folder, 'broken/encoder'), { recursive: true })
    cpSync(join(folder, NAME), join(folder, 'acme', NAME), { recursive: true })
    expect(messages()).toEqual([
      `${join(folder, 'acme/intent')} has no model.json.`,
      `${join(folder, 'broken')} has no model.json.`,
      `${join(folder, 'acme', NAME, 'model.json')} says that its id is "${NAME}".`,
    ])
  })

  test('an id that the Worker would not look for', () => {
    cpSync(join(folder, NAME), join(folder, 'my model'), { recursive: true })
    expect(messages()).toContain(`${join(folder, 'my model/model.json')}: "my model" cannot be the id of a model.`)
  })

  test('files beside packages and hidden folders are none', () => {
    writeFileSync(join(folder, '.DS_Store'), '')
    writeFileSync(join(folder, 'README.md'), '')
    mkdirSync(join(folder, '.cache'))
    expect(messages()).toEqual([])
  })

  test('a folder of another name', () => {
    cpSync(join(folder, NAME), join(folder, 'renamed'), { recursive: true })
    expect(messages()).toEqual([`${join(folder, 'renamed/model.json')} says that its id is "${NAME}".`])
  })
})

describe('planDeployment', () => {
  const plan = (more: string, env?: string) => {
    mkdirSync(join(folder, 'build'))
    writeFileSync(join(folder, 'build/index.js'), 'x'.repeat(1_048_576))
    const config = writeConfig(folder, more)
    return planDeployment({ config, env, build: join(folder, 'build'), nodeVersion: 'v24.0.0' })
  }

  test('of the repository: nothing to complain of', () => {
    const { findings, summary } = plan('')
    expect(findings).toEqual([])
    expect(summary).toContain('Worker   edge-bert: 1.0 MiB of 64.0 MiB')
    expect(summary).toContain('models   all-MiniLM-L6-v2, multitask-minilm; more in no KV or R2')
    expect(summary).toContain('KV       VOCAB (wrangler makes it on the first deploy)')
  })

  test('of an environment: its own bindings and variables', () => {
    const { findings, summary } = plan(
      `[env.staging.vars]
MODELS = []
DEFAULT_MODEL = "mine"
EMBEDDING_MODEL = "all-MiniLM-L6-v2"
MEMORY_BUDGET = 100_000_000
MODEL_ALIASES = true
MAX_BATCH_TOKENS = 65_536
MAX_WINDOWED_TOKENS = 8_192
MAX_CONCURRENT_REQUESTS = 128
[[env.staging.kv_namespaces]]
binding = "VOCAB"
id = "abc"`,
      'staging',
    )
    expect(summary).toContain('Worker   edge-bert-staging: 1.0 MiB of 64.0 MiB')
    expect(summary).toContain('KV       VOCAB (abc)')
    expect(findings).toMatchObject([{ message: 'DEFAULT_MODEL names "mine", which is not in assets/models.' }])
  })

  test('of an environment that inherits no variables', () => {
    const { findings } = plan('[env.staging]', 'staging')
    expect(findings.map(({ message }) => message)).toEqual([
      'MODELS is not set.',
      'DEFAULT_MODEL is not set.',
      'EMBEDDING_MODEL is not set.',
      'MEMORY_BUDGET is not set.',
      'MODEL_ALIASES is not set.',
      'MAX_BATCH_TOKENS is not set.',
      'MAX_WINDOWED_TOKENS is not set.',
      'MAX_CONCURRENT_REQUESTS is not set.',
    ])
  })

  test('a bucket for models is named', () => {
    const { summary } = plan('[[r2_buckets]]\nbinding = "MODEL_BUCKET"\nbucket_name = "edge-bert-models"')
    expect(summary).toContain('R2       MODEL_BUCKET (edge-bert-models)')
    expect(summary).toContain('models   all-MiniLM-L6-v2, multitask-minilm; more in MODEL_BUCKET')
  })
})

describe('checkAccount', () => {
  const ok = (value: unknown): Output => ({ ok: true, stdout: `⛅️ wrangler\n${JSON.stringify(value)}`, stderr: '' })
  const failed: Output = { ok: false, stdout: '', stderr: 'no such thing' }
  const BINDINGS = `
[[kv_namespaces]]
binding = "MODEL_KV"
id = "abc"
[[r2_buckets]]
binding = "MODEL_BUCKET"
bucket_name = "edge-bert-models"`

  /** An account that answers wrangler's questions so; what it is not told of fails. */
  const account =
    (answers: Record<string, Output>): Wrangler =>
    (...given) =>
      answers[given.slice(0, given[0] === 'whoami' ? 1 : 3).join(' ')] ?? failed
  const whoami = ok({ loggedIn: true, accounts: [{ id: '1', name: 'A' }] })
  const complaints = (answers: Record<string, Output>) =>
    checkAccount({ config: writeConfig(folder, BINDINGS) }, account(answers)).map(
      ({ level, message }) => `${level}: ${message}`,
    )

  test('everything is there', () => {
    const answers = {
      whoami,
      'kv namespace list': ok([{ id: 'abc', title: 'models' }]),
      'r2 bucket info': ok({ name: 'edge-bert-models' }),
      'secret list --format': ok([{ name: 'API_KEY', type: 'secret_text' }]),
    }
    expect(complaints(answers)).toEqual([])
  })

  test('nothing is there: one complaint for each', () => {
    expect(complaints({ whoami, 'kv namespace list': ok([]) })).toEqual([
      'error: The KV namespace abc, bound as MODEL_KV, is not in your account.',
      'error: The R2 bucket edge-bert-models, bound as MODEL_BUCKET, is not in your account.',
      'warning: The secret API_KEY is not set: everyone who knows the address may use this Worker.',
    ])
  })

  test('without a login nothing else is asked', () => {
    const asked: string[] = []
    const run: Wrangler = (...given) => {
      asked.push(given.join(' '))
      return { ok: false, stdout: '{"loggedIn":false}', stderr: '' }
    }
    const config = writeConfig(folder, BINDINGS)
    expect(checkAccount({ config }, run)).toMatchObject([{ message: 'You are not logged in to Cloudflare.' }])
    expect(asked).toEqual([`whoami --json --config ${config}`])
  })

  test('a login that may not list namespaces is told so', () => {
    expect(complaints({ whoami })).toContainEqual(
      expect.stringMatching(/^warning: Your login may not list KV namespaces/),
    )
  })
})
