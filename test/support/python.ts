/** The Python that the client tests run in: a virtual environment with test/clients/python/requirements.txt. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const REQUIREMENTS = 'test/clients/python/requirements.txt'
const PATIENCE_MS = 300_000

/** The path of the interpreter. Installs the packages on the first call after the requirements have changed. */
export async function pythonEnvironment(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = resolve(`node_modules/.cache/edge-bert-python-${hash}`)
  const python = join(folder, 'bin/python')
  const complete = join(folder, 'complete')
  const lock = `${folder}.lock`
  mkdirSync(resolve('node_modules/.cache'), { recursive: true })
  const deadline = Date.now() + PATIENCE_MS
  while (!existsSync(complete)) {
    if (!takeLock(lock)) {
      if (Date.now() > deadline) throw new Error(`${lock} is another test's; remove it if none is running`)
      await wait(200)
      continue
    }
    try {
      if (existsSync(complete)) break
      rmSync(folder, { recursive: true, force: true })
      execFileSync('python3', ['-m', 'venv', folder])
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS])
      writeFileSync(complete, '')
    } finally {
      rmSync(lock, { recursive: true })
    }
  }
  return python
}

/** A folder can be made only once, whichever test file comes first. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}
