/** The npm commands of the documents, by their text, and what shows that they work. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anonymous } from './account.ts'

export const COMMANDS: ReadonlyMap<string, () => string | Promise<string>> = new Map<
  string,
  () => string | Promise<string>
>([
  ['npm ci && npm start', start],
  ['npm ci && npm test', ciRunsIt],
  ['npm run deploy -- --dry-run', dryRun],
])

/** `npm ci` has run already. Starts the Worker at a free port and does what it says to try. */
async function start(): Promise<string> {
  const port = await freePort()
  const child = spawn('npm', ['start', '--', '--port', `${port}`], { detached: true })
  try {
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    const deadline = Date.now() + 60_000
    while (!/try:\n\n[\s\S]*?\n\n/.test(output)) {
      if (Date.now() > deadline) throw new Error(`npm start says nothing to try:\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const [, command = ''] = /try:\n\n([\s\S]*?)\n\n/.exec(output) ?? []
    const answer = execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    if (JSON.parse(answer)[0].token_str === undefined) throw new Error(answer)
  } finally {
    process.kill(-(child.pid as number), 'SIGTERM')
  }
  return ''
}

function ciRunsIt(): string {
  const script = readFileSync('.ci/run', 'utf8').trim().split('\n')
  if (script.at(-1) !== 'npm ci && npm test') throw new Error(`.ci/run ends in ${script.at(-1)}`)
  return ''
}

function dryRun(): string {
  const home = mkdtempSync(join(tmpdir(), 'edge-bert-deploy-'))
  try {
    const run = ['run', '--silent', 'deploy', '--', '--dry-run']
    return execFileSync('npm', run, { env: anonymous(home), encoding: 'utf8' }).trim()
  } finally {
    rmSync(home, { recursive: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
