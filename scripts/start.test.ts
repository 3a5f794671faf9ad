/** The command, where the wrangler that is installed says what it is told, is healthy at one port, and ends. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installWrangler } from './support.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-bert-start-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(...given: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('scripts/start.ts'), ...given], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, output: stdout + stderr }
}

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })

test.each([
  ['--port N', (port: number) => ['--port', `${port}`]],
  ['--port=N', (port: number) => [`--port=${port}`]],
])('%s: the port is said once, and what to try names it', async (_, options) => {
  const port = await freePort()
  installWrangler(
    folder,
    `import { createServer } from 'node:http'
console.log('told: ' + process.argv.slice(2).join(' '))
createServer((request, response) => {
  response.statusCode = request.url === '/health' ? 200 : 401
  response.end()
  setTimeout(() => process.exit(3), 1000)
}).listen(${port})`,
  )
  const given = [...options(port), '--local']
  const { status, output } = start(...given)
  expect(output).toContain(`told: dev ${given.join(' ')}\n`)
  expect(output).toContain(`curl http://localhost:${port}/v1/tasks/fill-mask`)
  expect(output).toContain('-H "authorization: Bearer $API_KEY"')
  expect(status).toBe(3)
})

test('without one it is 8787', () => {
  installWrangler(folder, `console.log('told: ' + process.argv.slice(2).join(' '))`)
  expect(start().output).toContain('told: dev --port 8787\n')
})

test('without wrangler it says so', () => {
  const { status, output } = start()
  expect(output).toMatch(/^wrangler cannot be run: Cannot find module/)
  expect(status).toBe(1)
})
