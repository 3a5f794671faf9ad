/**
 * `npm run deploy`: says what is missing before wrangler does, says what will be deployed, deploys.
 * `npm run deploy -- --dry-run`: the same checks, and nothing leaves the machine. Other arguments go to wrangler.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wrangler } from './deploy/account.ts'
import { describeFinding } from './deploy/checks.ts'
import { checkAccount, planDeployment } from './deploy/plan.ts'
import { optionOf, runWrangler } from './wrangler.ts'

const CONFIG = 'wrangler.toml'

const given = process.argv.slice(2)
const isDryRun = given.includes('--dry-run')
const others = given.filter((argument) => argument !== '--dry-run')
const target = { config: CONFIG, env: optionOf(given, 'env', 'e'), name: optionOf(given, 'name') }

const folder = mkdtempSync(join(tmpdir(), 'edge-bert-deploy-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
const build = wrangler('deploy', '--config', CONFIG, ...others, '--dry-run', '--outdir', folder)
if (!build.ok) {
  console.error(build.stdout + build.stderr)
  process.exit(1)
}
const plan = planDeployment({ ...target, build: folder, nodeVersion: process.version })
console.log(plan.summary.join('\n'))

const account = checkAccount(target, wrangler)
// What the account lacks stops a deployment, not a rehearsal.
const findings = [
  ...plan.findings,
  ...account.map((finding) => (isDryRun ? { ...finding, level: 'warning' as const } : finding)),
]
if (findings.length > 0) console.log(`\n${findings.map(describeFinding).join('\n')}`)

const errors = findings.filter(({ level }) => level === 'error').length
if (errors > 0) {
  console.error(`\n${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was deployed.`)
  process.exit(1)
}
if (isDryRun) console.log('\nDry run: nothing was deployed.')
else {
  const { status } = runWrangler(['deploy', '--config', CONFIG, ...others], 'inherit')
  process.exit(status ?? 1)
}
