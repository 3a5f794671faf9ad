/** `npm run readme`: asks the Worker the README's questions again and writes down what it answers. */
import { readFileSync, writeFileSync } from 'node:fs'
import build from '../test/support/build.ts'
import { withAnswers } from '../test/support/readme.ts'
import { startWorker } from '../test/support/worker.ts'

build()
const worker = await startWorker()
writeFileSync('README.md', await withAnswers(readFileSync('README.md', 'utf8'), worker.ask))
await worker.stop()
