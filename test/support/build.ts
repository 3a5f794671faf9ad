/** Builds the Worker as `wrangler deploy` would, once per test run. */
import { execFileSync } from 'node:child_process'

export const BUILD = 'dist/worker'

export default function build(): void {
  execFileSync('wrangler', ['deploy', '--dry-run', '--outdir', BUILD], { stdio: ['ignore', 'ignore', 'inherit'] })
}
