/** `npm start`: the Worker in local workerd, and a request to try it with. Needs no account and no network. */
import { spawn } from 'node:child_process'

const PORT = '8787'
const EXAMPLE = `curl http://localhost:${PORT}/v1/tasks/fill-mask -H 'content-type: application/json' \\
  -d '{"inputs": "Artificial Intelligence [MASK] take over the world."}'`

const args = ['dev', '--port', PORT, ...process.argv.slice(2)]
const wrangler = spawn('wrangler', args, { stdio: 'inherit', env: { WRANGLER_SEND_METRICS: 'false', ...process.env } })
wrangler.on('exit', (code) => process.exit(code ?? 1))

async function untilReady(): Promise<void> {
  for (;;) {
    const ready = await fetch(`http://localhost:${PORT}/health`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

await untilReady()
console.log(`\nedge-bert answers on http://localhost:${PORT}: open it in a browser, or try:\n\n${EXAMPLE}\n`)
