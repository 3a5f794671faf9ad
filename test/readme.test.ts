/** What the README says the Worker answers is what it answers. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { examplesOf, render } from './support/readme.ts'
import { startWorker, type TestWorker } from './support/worker.ts'

let worker: TestWorker
beforeAll(async () => {
  worker = await startWorker()
})
afterAll(() => worker.stop())

const examples = examplesOf(readFileSync('README.md', 'utf8'))

test('there is an example for each of the first four tasks', () => {
  const paths = examples.map(({ path }) => path)
  for (const task of ['fill-mask', 'text-classification', 'token-classification', 'feature-extraction']) {
    expect(paths).toContain(`/v1/tasks/${task}`)
  }
})

// Scores may differ in the last digit between processors; words, labels and offsets may not.
const digits = (text: string) => text.replace(/(\d\.\d\d)\d+/g, '$1')

test.each(examples)('$path', async ({ path, body, answer }) => {
  expect(digits(render(await worker.ask(path, body)))).toBe(digits(answer))
})
