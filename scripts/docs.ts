/**
 * `npm run docs`: runs the code blocks of the documents, makes the generated parts again, and writes down what comes
 * of both. With file names, only those. test/docs holds the documents to the Worker in the same way.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import build from '../test/support/build.ts'
import { canonical, settle } from '../test/support/docs/answer.ts'
import { DOCUMENTS } from '../test/support/docs/files.ts'
import { generate } from '../test/support/docs/generated.ts'
import { blocksOf, generatedParts, replace } from '../test/support/docs/markdown.ts'
import { DocumentRunner } from '../test/support/docs/run.ts'

const files = process.argv.length > 2 ? process.argv.slice(2) : DOCUMENTS
build()
const runner = new DocumentRunner()
let failures = 0
for (const file of files) {
  const markdown = readFileSync(file, 'utf8')
  const places: { start: number; end: number; replacement: string }[] = []
  for (const block of blocksOf(file, markdown)) {
    const found = await runner.run(block).catch((error: Error) => {
      failures++
      console.error(`${file}:${block.line}: ${error.message}`)
    })
    const { answer } = block
    if (found === undefined || !answer) continue
    const written = canonical(answer)
    if (settle(found, written) !== written) places.push({ ...answer, replacement: found })
  }
  for (const part of generatedParts(markdown)) {
    places.push({ ...part, replacement: await generate(part.name, await runner.worker()) })
  }
  writeFileSync(file, replace(markdown, places))
}
await runner.stop()
execFileSync('biome', ['check', '--write', ...files], { stdio: 'inherit' })
process.exit(failures > 0 ? 1 : 0)
