/** wrangler as a child process, and those of its arguments that the scripts must know too. */
import { type ChildProcess, type SpawnSyncReturns, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** Runs wrangler to its end. Where it cannot be started, says so and ends this process. */
export function runWrangler(given: readonly string[], stdio: StdioOptions): SpawnSyncReturns<string> {
  const [program, args] = commandOf(given)
  const result = spawnSync(program, args, { encoding: 'utf8', stdio })
  return result.error ? quit(result.error) : result
}

/** Starts wrangler in the foreground. Where it cannot be started, says so and ends this process. */
export function startWrangler(given: readonly string[]): ChildProcess {
  const [program, args] = commandOf(given)
  const env = { WRANGLER_SEND_METRICS: 'false', ...process.env }
  return spawn(program, args, { stdio: 'inherit', env }).on('error', quit)
}

/**
 * The wrangler that is installed where the command runs, as npm finds it. By name it is in nobody's path but npm's, and on
 * Windows it is a wrangler.cmd, which `spawn` does not find.
 */
function commandOf(given: readonly string[]): [program: string, args: string[]] {
  try {
    const require = createRequire(resolve('package.json'))
    const manifest = require.resolve('wrangler/package.json')
    return [process.execPath, [join(dirname(manifest), require(manifest).bin.wrangler), ...given]]
  } catch (cause) {
    return quit(cause)
  }
}

function quit(cause: unknown): never {
  const [reason] = String(cause instanceof Error ? cause.message : cause).split('\n')
  console.error(`wrangler cannot be run: ${reason}\nRun \`npm ci\` in the repository's folder, and this again there.`)
  process.exit(1)
}

/** The value of an option that may be given as `--name value` or `--name=value`, the last one; undefined without it. */
export function optionOf(given: readonly string[], name: string, short?: string): string | undefined {
  const option = { type: 'string' as const, ...(short ? { short } : {}) }
  const { values } = parseArgs({ args: [...given], options: { [name]: option }, strict: false })
  const value = values[name]
  // Of `-e=x` parseArgs says "=x"; wrangler takes it for "x".
  return typeof value === 'string' ? value.replace(/^=/, '') : undefined
}
