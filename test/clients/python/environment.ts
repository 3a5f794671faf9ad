/** Python environments for the clients, made from PyPI by the tests themselves where they are not there yet. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import ranks from 'js-tiktoken/ranks/cl100k_base'

const CACHE = resolve('node_modules/.cache/python-clients')
const HERE = import.meta.dirname
/** pip works as well; it takes minutes for what uv does in seconds. */
const INSTALLER = 'uv==0.13.9'

const run = promisify(execFile)

/** The interpreter of an environment with exactly what a file beside this one pins. */
export async function pythonWith(requirements: string): Promise<string> {
  const pinned = join(HERE, requirements)
  const digest = createHash('sha256').update(readFileSync(pinned)).digest('hex').slice(0, 16)
  const folder = join(CACHE, digest)
  const python = join(folder, 'bin/python')
  const done = join(folder, 'complete')
  if (!existsSync(done)) {
    await alone(async () => {
      if (existsSync(done)) return
      const uv = await installer()
      rmSync(folder, { recursive: true, force: true })
      await run(uv, ['venv', '--quiet', '--python', 'python3', folder])
      await run(uv, ['pip', 'install', '--quiet', '--python', python, '-r', pinned])
      writeFileSync(done, '')
    })
  }
  return python
}

/** Test files run side by side: one of them installs, the others wait. A lock this old is a killed run's. */
const LOCK_MS = 300_000

async function alone(work: () => Promise<void>): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const lock = join(CACHE, 'lock')
  while (!makeFolder(lock)) {
    if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > LOCK_MS) break
    await wait(200)
  }
  await work().finally(() => rmSync(lock, { recursive: true, force: true }))
}

/** True where the folder was not there: only one of many callers gets that. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch {
    return false
  }
}

async function installer(): Promise<string> {
  const folder = join(CACHE, INSTALLER)
  const uv = join(folder, 'bin/uv')
  if (!existsSync(uv)) {
    await run('python3', ['-m', 'venv', folder])
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', INSTALLER])
  }
  return uv
}

/** What one call of a script gave: its value, or the error that the client raised. */
export interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: every client has its own types
  readonly value?: any
  readonly error?: { readonly bases: readonly string[]; readonly message: string; readonly status: number | null }
}

/** Runs one of the scripts beside this file against a Worker. */
export async function callsOf(
  python: string,
  script: string,
  base: string,
  given: object,
): Promise<Record<string, Outcome>> {
  const env = { ...process.env, HF_HUB_DISABLE_TELEMETRY: '1', TIKTOKEN_CACHE_DIR: tiktokenCache() }
  const running = run(python, [join(HERE, script), base], { env, maxBuffer: 2 ** 26 })
  running.child.stdin?.end(JSON.stringify(given))
  return JSON.parse((await running).stdout)
}

/** Python's tiktoken fetches its ranks from the network unless they lie here, under the digest of their address. */
function tiktokenCache(): string {
  const folder = join(CACHE, 'tiktoken')
  const address = 'https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken'
  const file = join(folder, createHash('sha1').update(address).digest('hex'))
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const tokens = ranks.bpe_ranks.split(' ').slice(2)
    writeFileSync(file, tokens.map((token, rank) => `${token} ${rank}\n`).join(''))
  }
  return folder
}
