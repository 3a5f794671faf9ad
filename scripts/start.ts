/** `npm start`: the Worker in local workerd, and a request to try it with. Needs no account and no network. */
import { optionOf, startWrangler } from './wrangler.ts'

const given = process.argv.slice(2)
const asked = optionOf(given, 'port')
const PORT = asked ?? '8787'
const EXAMPLE = `curl http://localhost:${PORT}/v1/tasks/fill-mask -H 'content-type: application/json' \\
  -d '{"inputs": "Artificial Intelligence [MASK] take over the world."}'`

const wrangler = startWrangler(['dev', ...(asked === undefined ? ['--port', PORT] : []), ...given])
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
