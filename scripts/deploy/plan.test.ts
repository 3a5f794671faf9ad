/** A deployment's checks together: real packages with faults put in, and an account as wrangler would describe it. */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

  test('a folder of another name', () => {
    cpSync(join(folder, NAME), join(folder, 'renamed'), { recursive: true })
    expect(messages()).toEqual([`${join(folder, 'renamed/model.json')} says that its id is "${NAME}".`])
  })
})

/** wrangler.toml with more in it, and the real assets. */
function configWith(more: string): string {
  const path = join(folder, 'wrangler.toml')
  const assets = 'directory = "./assets"'
  const text = readFileSync('wrangler.toml', 'utf8').replace(assets, `directory = "${process.cwd()}/assets"`)
  writeFileSync(path, `${text.replace('src/worker/index.ts', `${process.cwd()}/src/worker/index.ts`)}\n${more}`)
  return path
}

describe('planDeployment', () => {
  const plan = (more: string) => {
    mkdirSync(join(folder, 'build'))
    writeFileSync(join(folder, 'build/index.js'), 'x'.repeat(1_048_576))
    return planDeployment({ config: configWith(more), build: join(folder, 'build'), nodeVersion: 'v24.0.0' })
  }

  test('of the repository: nothing to complain of', () => {
    const { findings, summary } = plan('')
    expect(findings).toEqual([])
    expect(summary).toContain('Worker   edge-bert: 1.0 MiB of 64.0 MiB')
    expect(summary).toContain('models   all-MiniLM-L6-v2, multitask-minilm; more in no KV or R2')
    expect(summary).toContain('KV       VOCAB (wrangler makes it on the first deploy)')
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
    checkAccount(configWith(BINDINGS), account(answers)).map(({ level, message }) => `${level}: ${message}`)

  test('everything is there', () => {
    const answers = {
      whoami,
      'kv namespace list': ok([{ id: 'abc', title: 'models' }]),
      'r2 bucket info': ok({ name: 'edge-bert-models' }),
      'secret list --name': ok([{ name: 'API_KEY', type: 'secret_text' }]),
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
    expect(checkAccount(configWith(BINDINGS), run)).toMatchObject([{ message: 'You are not logged in to Cloudflare.' }])
    expect(asked).toEqual(['whoami --json'])
  })

  test('a login that may not list namespaces is told so', () => {
    expect(complaints({ whoami })).toContainEqual(
      expect.stringMatching(/^warning: Your login may not list KV namespaces/),
    )
  })
})
