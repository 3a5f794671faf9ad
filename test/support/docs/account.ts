/**
 * Commands for a Cloudflare account, run without one: wrangler reads its arguments and the configuration, and stops
 * where it would need the account. Credentials of whoever runs the tests are out of reach.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const STOPPED = /set a CLOUDFLARE_API_TOKEN environment variable|not logged in to Cloudflare/g

/** An environment in which wrangler knows no account. */
export function anonymous(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(CLOUDFLARE|CF)_/.test(name))
  const own = { HOME: home, XDG_CONFIG_HOME: home, WRANGLER_SEND_METRICS: 'false', CI: '1' }
  return { ...Object.fromEntries(kept), ...own } as unknown as NodeJS.ProcessEnv
}

/**
 * Runs a script whose every wrangler or deploy command must come as far as the account.
 * @throws Error with the output when one ends earlier
 */
export function withoutAccount(script: string): string {
  const home = mkdtempSync(join(tmpdir(), 'edge-bert-anonymous-'))
  // Login would open a browser.
  const commands = script.replaceAll('npx wrangler login', 'npx wrangler login --help')
  const prelude = `npx() { shift; "${resolve('node_modules/.bin/wrangler')}" "$@" </dev/null; }\n`
  const { stdout, stderr } = spawnSync('bash', ['-c', prelude + commands], { env: anonymous(home), encoding: 'utf8' })
  rmSync(home, { recursive: true })
  const output = stdout + stderr
  const asked = output.match(STOPPED)?.length ?? 0
  const expected = script.match(/npx wrangler (?!login)|npm run deploy/g)?.length ?? 0
  if (asked < expected || /Unknown argument/.test(output)) throw new Error(`stopped before the account:\n${output}`)
  return ''
}
