/** Builds what package.json exports, once per run of vitest: several test files read it at the same time. */
import { execFileSync } from 'node:child_process'

export default function build(): void {
  execFileSync('npm', ['run', 'prepack'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
