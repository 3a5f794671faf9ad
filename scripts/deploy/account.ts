/** What the account has, asked of wrangler. */
import { runWrangler } from '../wrangler.ts'
import type { Login } from './checks.ts'

export interface Output {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Runs wrangler with these arguments. */
export type Wrangler = (...given: string[]) => Output

export const wrangler: Wrangler = (...given) => {
  const { status, stdout, stderr } = runWrangler(given, ['ignore', 'pipe', 'pipe'])
  return { ok: status === 0, stdout, stderr }
}

export function readLogin(run: Wrangler): Login {
  return readJson<Login>(run('whoami', '--json').stdout) ?? { loggedIn: false }
}

/** Ids of the account's KV namespaces; null where the login may not list them. */
export function readNamespaces(run: Wrangler): Set<string> | null {
  const { ok, stdout } = run('kv', 'namespace', 'list')
  return ok ? new Set((readJson<{ id: string }[]>(stdout) ?? []).map(({ id }) => id)) : null
}

/** Those of the names that are buckets of the account. */
export function readBuckets(run: Wrangler, names: readonly string[]): Set<string> {
  return new Set(names.filter((name) => run('r2', 'bucket', 'info', name, '--json').ok))
}

/** Names of the Worker's secrets; null where it was never deployed. @param worker the arguments that name it */
export function readSecrets(run: Wrangler, worker: readonly string[]): string[] | null {
  const { ok, stdout } = run('secret', 'list', '--format', 'json', ...worker)
  return ok ? (readJson<{ name: string }[]>(stdout) ?? []).map(({ name }) => name) : null
}

/** wrangler may say something before the JSON. */
function readJson<T>(text: string): T | null {
  try {
    return JSON.parse(text.slice(text.search(/^[[{]/m))) as T
  } catch {
    return null
  }
}
