/** `npm start`: the Worker in local workerd, and a request to try it with. Needs no account and no network. */
import { optionOf, startWrangler } from './wrangler.ts'

const given = process.argv.slice(2)
const asked = optionOf(given, 'port')
const PORT = asked ?? '8787'
const ORIGIN = `http://localhost:${PORT}`

/** @param header one more, for curl */
const example = (header: string) => `curl ${ORIGIN}/v1/tasks/fill-mask -H 'content-type: application/json'${header} \\
  -d '{"inputs": "Artificial Intelligence [MASK] take over the world."}'`

const wrangler = startWrangler(['dev', ...(asked === undefined ? ['--port', PORT] : []), ...given])
wrangler.on('exit', (code) => process.exit(code ?? 1))

async function untilReady(): Promise<void> {
  for (;;) {
    const ready = await fetch(`${ORIGIN}/health`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

await untilReady()
const { status } = await fetch(`${ORIGIN}/v1/models`)
const key = status === 401 ? ` -H "authorization: Bearer $API_KEY"` : ''
console.log(`\nedge-bert answers on ${ORIGIN}: open it in a browser, or try:\n\n${example(key)}\n`)
