/** Every code block of README and docs does what the document says. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { canonical, settle } from '../support/docs/answer.ts'
import { DOCUMENTS } from '../support/docs/files.ts'
import { blocksOf } from '../support/docs/markdown.ts'
import { DocumentRunner } from '../support/docs/run.ts'

const runner = new DocumentRunner()
afterAll(() => runner.stop())

const documents = DOCUMENTS.map((file) => ({ file, blocks: blocksOf(file, readFileSync(file, 'utf8')) }))

describe.each(documents.filter(({ blocks }) => blocks.length > 0))('$file', ({ blocks }) => {
  test.each(blocks.map((block) => [`line ${block.line}: ${block.language} ${firstLine(block.text)}`, block] as const))(
    '%s',
    async (_, block) => {
      const found = await runner.run(block)
      if (!block.answer) return
      const written = canonical(block.answer)
      expect(settle(found, written)).toBe(written)
    },
    300_000,
  )
})

function firstLine(text: string): string {
  return (text.split('\n')[0] as string).slice(0, 60)
}
