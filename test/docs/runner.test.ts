/** The runner of the documents' blocks: it finds them, and it notices when one does not do what it says. */
import { expect, test } from 'vitest'
import { withoutAccount } from '../support/docs/account.ts'
import { canonical, render, settle } from '../support/docs/answer.ts'
import { parseCurl } from '../support/docs/curl.ts'
import { blocksOf, generatedParts, replace } from '../support/docs/markdown.ts'
import { DocumentRunner } from '../support/docs/run.ts'

const MARKDOWN = `# Title

\`\`\`sh
curl http://localhost:8787/
\`\`\`

\`\`\`json 404
{ "error": "x" }
\`\`\`

Words between.

\`\`\`json
{ "no": "request before it" }
\`\`\`

<!-- worker: {"vars": {"A": 1}} -->

\`\`\`ts worker
export default 1
\`\`\`

<!-- generated: tasks -->

old

<!-- end -->
`

test('blocks, their answers and settings', () => {
  const [curl, orphan, worker, ...more] = blocksOf('x.md', MARKDOWN)
  expect(curl).toMatchObject({ line: 3, language: 'sh', text: 'curl http://localhost:8787/', worker: null })
  expect(curl?.answer).toMatchObject({ language: 'json', meta: '404', text: '{ "error": "x" }' })
  expect(MARKDOWN.slice(curl?.answer?.start, curl?.answer?.end)).toBe('{ "error": "x" }')
  expect(orphan).toMatchObject({ language: 'json', line: 13, answer: null })
  expect(worker).toMatchObject({ language: 'ts', meta: 'worker', worker: '{"vars": {"A": 1}}', answer: null })
  expect(more).toEqual([])
})

test('generated parts are replaced where they stand', () => {
  const parts = generatedParts(MARKDOWN)
  expect(parts).toMatchObject([{ name: 'tasks', text: '\nold\n\n' }])
  const replaced = replace(
    MARKDOWN,
    parts.map((part) => ({ ...part, replacement: 'new\n' })),
  )
  expect(replaced).toBe(MARKDOWN.replace('\nold\n\n', 'new\n'))
})

test('an answer may differ in fractions and ids, in nothing else', () => {
  const written = '{"label": "joy", "score": 0.91, "start": 4, "id": "0b8a7b8e-95b5-4a3c-9a53-000000000000"}'
  const found = (change: (text: string) => string) => settle(change(written), written) === written
  expect(found((text) => text.replace('0.91', '0.9031'))).toBe(true)
  expect(found((text) => text.replace('000000000000', '123456789abc'))).toBe(true)
  expect(found((text) => text.replace('0.91', '0.85'))).toBe(false)
  expect(found((text) => text.replace('joy', 'love'))).toBe(false)
  expect(found((text) => text.replace('4,', '5,'))).toBe(false)
})

test('JSON is compared as JSON, whatever a formatter did to it', () => {
  const answer = { scores: Array(30).fill(0.123456), text: 'a' }
  const shown = '{"scores": [0.1235, 0.1235, 0.1235, "… 30 numbers"], "text": "a"}'
  expect(render(answer)).toBe(shown)
  expect(canonical({ language: 'json', text: JSON.stringify(JSON.parse(shown), null, 2) })).toBe(shown)
  expect(canonical({ language: 'json', text: '' })).toBe('')
})

test('curl, with the quotes of a shell', () => {
  expect(parseCurl(`curl http://localhost:8787/tasks/x -H 'a: b' \\\n  -d '{"inputs": "can'\\''t"}'`)).toEqual({
    ...{ path: '/tasks/x', method: 'POST', headers: { a: 'b' }, body: `{"inputs": "can't"}` },
  })
  expect(() => parseCurl('curl -k http://localhost:8787/')).toThrow('curl -k')
  expect(() => parseCurl('curl http://example.com/')).toThrow('not at http://localhost:8787')
})

test('a command that wrangler does not know stops before the account', () => {
  expect(() => withoutAccount('# needs an account\nnpx wrangler r2 bucket make x')).toThrow('before the account')
})

test.each([
  ['a language that nothing runs', '```rust\nfn main() {}\n```', /nothing runs a block of "rust"/],
  ['an npm command that is not known', '```sh\nnpm run nothing\n```', /nothing runs `npm run nothing`/],
  ['a program that fails', '```js\nthrow new Error("broken")\n```', /broken/],
])('%s', async (_, markdown, message) => {
  const [block] = blocksOf('x.md', markdown)
  const runner = new DocumentRunner()
  await expect(runner.run(block as never)).rejects.toThrow(message)
  await runner.stop()
})
