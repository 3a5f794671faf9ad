/** Builds Workers as `wrangler deploy` would; vitest calls the default export once per run. */
import { execFileSync } from 'node:child_process'

/** Where the product's build lies. */
export const BUILD = 'dist/worker'

export function buildWorker(entry: string, folder: string, config = 'wrangler.toml'): void {
  const args = ['deploy', entry, '--config', config, '--dry-run', '--outdir', folder]
  execFileSync('wrangler', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

export default function build(): void {
  buildWorker('src/worker/index.ts', BUILD)
}
