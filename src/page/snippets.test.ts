/** What stands in the requests to copy; test/page/snippets.test.ts executes them. */
import { describe, expect, test } from 'vitest'
import { type Request, snippets } from './snippets.ts'

const request: Request = { task: 'feature-extraction', inputs: ['a'], origin: 'https://bert.test', key: false }
const search: Request = { ...request, task: 'rerank', inputs: { query: 'a', documents: ['b'] } }

describe.each([request, search])('$task', (given) => {
  test('every request has a place for the key where one is wanted, and only there', () => {
    for (const { code } of snippets({ ...given, key: true })) expect(code).toContain('API_KEY')
    for (const { code } of snippets(given)) expect(code).not.toContain('API_KEY')
  })

  test('every request names the model that was chosen', () => {
    for (const { name, code } of snippets({ ...given, model: 'mine' })) {
      expect([name, code.match(/\bmine\b/g)]).toEqual([name, ['mine']])
    }
  })
})
