/** The command, where the wrangler that is installed notes what it is told and knows an account, or none. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installWrangler, writeConfig } from '../support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-bert-command-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const STAGING = `
[env.staging.vars]
MODELS = ["all-MiniLM-L6-v2"]
DEFAULT_MODEL = "all-MiniLM-L6-v2"
EMBEDDING_MODEL = "all-MiniLM-L6-v2"
MEMORY_BUDGET = 100_000_000
MODEL_ALIASES = true
MAX_BATCH_TOKENS = 65_536
MAX_WINDOWED_TOKENS = 8_192
MAX_CONCURRENT_REQUESTS = 128`

function run(...given: string[]) {
  writeConfig(folder, STAGING)
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('scripts/deploy.ts'), ...given], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

/** What the command printed, and what it told wrangler. */
function deploy(login: object, ...given: string[]) {
  installWrangler(
    folder,
    `import { appendFileSync, writeFileSync } from 'node:fs'
const given = process.argv.slice(2)
appendFileSync('told', given.join(' ') + '\\n')
if (given[0] === 'whoami') console.log('${JSON.stringify(login)}')
if (given[0] === 'secret') console.log('[{"name": "API_KEY"}]')
if (given.includes('--outdir')) writeFileSync(given.at(-1) + '/index.js', 'export default {}')`,
  )
  return { ...run(...given), told: readFileSync(join(folder, 'told'), 'utf8').trim().split('\n') }
}

const LOGIN = { loggedIn: true, accounts: [{ id: '1', name: 'A' }] }

test('deploys when nothing is missing, with what else it was given', () => {
  const { status, output, told } = deploy(LOGIN, '--tag', 'v1')
  expect(output).toContain('Worker   edge-bert:')
  expect(output).not.toMatch(/error|warning/)
  expect(told.at(-1)).toBe('deploy --config wrangler.toml --tag v1')
  expect(status).toBe(0)
})

test('says what is missing, and deploys nothing', () => {
  const { status, output, told } = deploy({ loggedIn: false })
  expect(output).toContain('error: You are not logged in to Cloudflare.')
  expect(output).toContain('1 error; nothing was deployed.')
  expect(told.filter((line) => line.startsWith('deploy'))).toEqual([expect.stringContaining('--dry-run')])
  expect(status).toBe(1)
})

test('a dry run is one, logged in or not', () => {
  for (const login of [LOGIN, { loggedIn: false }]) {
    const { status, output, told } = deploy(login, '--dry-run')
    expect(output).toContain('Dry run: nothing was deployed.')
    expect(told.filter((line) => line.startsWith('deploy') && !line.includes('--dry-run'))).toEqual([])
    expect(status).toBe(0)
  }
})

test.each([
  [['--env', 'staging'], 'edge-bert-staging', '--env=staging'],
  [['--env=staging'], 'edge-bert-staging', '--env=staging'],
  [['-e', 'staging'], 'edge-bert-staging', '--env=staging'],
  [['-e=staging'], 'edge-bert-staging', '--env=staging'],
  [['--name', 'other'], 'other', '--name=other'],
  [['--name=other', '--env=staging'], 'other', '--name=other'],
])('%j: checks what it deploys', (given, worker, ofSecrets) => {
  const { status, output, told } = deploy(LOGIN, ...given)
  expect(output).toContain(`Worker   ${worker}:`)
  const inEnv = given.join().includes('staging') ? ' --env=staging' : ''
  expect(told).toContain(`whoami --json --config wrangler.toml${inEnv}`)
  expect(told).toContain(`secret list --format json --config wrangler.toml ${ofSecrets}`)
  expect(told.at(-1)).toBe(`deploy --config wrangler.toml ${given.join(' ')}`)
  expect(status).toBe(0)
})

test('without wrangler it says so', () => {
  const { status, output } = run()
  expect(output).toMatch(/^wrangler cannot be run: Cannot find module 'wrangler\/package\.json'\nRun `npm ci`/)
  expect(status).toBe(1)
})
