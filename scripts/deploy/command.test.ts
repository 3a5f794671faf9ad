/** The command as npm runs it, with a wrangler in its path that notes what it is told and knows an account, or none. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-bert-command-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What the command printed, and what it told wrangler. */
function deploy(login: object, ...given: string[]) {
  const told = join(folder, 'told')
  const script = `#!/usr/bin/env bash
echo "$*" >> '${told}'
case "$1 $*" in
  whoami*) echo '${JSON.stringify(login)}' ;;
  secret*) echo '[{"name": "API_KEY"}]' ;;
  *--outdir*) echo 'export default {}' > "\${@: -1}/index.js" ;;
esac`
  writeFileSync(join(folder, 'wrangler'), script)
  chmodSync(join(folder, 'wrangler'), 0o755)
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/deploy.ts', ...given], {
    env,
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr, told: readFileSync(told, 'utf8').trim().split('\n') }
}

const LOGIN = { loggedIn: true, accounts: [{ id: '1', name: 'A' }] }

test('deploys when nothing is missing, with what else it was given', () => {
  const { status, output, told } = deploy(LOGIN, '--tag', 'v1')
  expect(output).toContain('Worker   edge-bert')
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
