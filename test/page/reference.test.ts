/** The API reference at /docs: what /openapi.json has, to be found, read and tried. */
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectNoSidewaysScroll, PHONE, type Site, seriousViolations, startSite } from './support.ts'

const KEY = 'sesame-1234'
const SHOTS = 'dist/screenshots'
let site: Site
let paths: Record<string, Record<string, { operationId: string }>>
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  site = await startSite()
  const document = (await (await site.worker.fetch('/openapi.json')).json()) as { paths: typeof paths }
  paths = document.paths
}, 300_000)
afterAll(() => site.stop())

test('every path of the document is there, each opened route with fields, an example and its errors', async () => {
  const { page, errors } = await site.open('/docs')
  const routes = page.locator('.family > details')
  await routes.first().waitFor()
  await routes.evaluateAll((all) => {
    for (const each of all) each.open = true
  })
  await expect.poll(() => page.locator('.operation h4').count()).toBeGreaterThan((await routes.count()) * 2)
  const shown = await page.locator('#families code').allTextContents()
  expect(shown).toEqual(expect.arrayContaining(Object.keys(paths)))
  const question = page.locator('#post_v1_tasks_question_answering')
  for (const part of ['question required', 'doc_stride', 'integer 1–1000', '"codepoint" | "utf16"', 'curl -X POST']) {
    expect((await question.innerText()).replace(/\s+/g, ' ')).toContain(part)
  }
  expect(await question.locator('th', { hasText: /^\d{3}$/ }).allTextContents()).toEqual(
    expect.arrayContaining(['400', '401', '404', '413', '422', '429', '500']),
  )
  await page.setViewportSize(PHONE)
  await expectNoSidewaysScroll(page)
  expect(errors).toEqual([])
  await page.close()
})

test('by light and by dark nothing stands in the way of reading it', async () => {
  const { page } = await site.open('/docs')
  for (const id of ['post_v1_tasks_question_answering', 'post_rerank', 'get_health']) {
    await page.locator(`#${id} > summary`).click()
  }
  expect(await seriousViolations(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await seriousViolations(page)).toEqual([])
  await page.close()
})

test('a route is found by words, opened by its link, and its example is answered', async () => {
  const { page, errors } = await site.open('/docs')
  await page.getByLabel('Find a route').fill('rerank documents')
  await expect.poll(() => page.locator('#found').textContent()).toMatch(/^[1-9]\d? of \d+ routes$/)
  const visible = await page.locator('.family > details:visible').allTextContents()
  expect(visible.every((text) => /rerank/i.test(text))).toBe(true)
  await page.getByLabel('Find a route').fill('')
  await page.locator('#post_v1_tasks_fill_mask > summary').click()
  await page.screenshot({ path: `${SHOTS}/reference-light.png` })

  await page.locator('#menu a', { hasText: /^\/v1\/tasks\/question-answering$/ }).click()
  const question = page.locator('#post_v1_tasks_question_answering')
  await question.getByRole('button', { name: 'Send' }).click()
  await expect.poll(() => question.locator('pre').last().textContent()).toContain('"answer": "Berlin"')
  expect(await question.getByRole('status').textContent()).toMatch(/^200 /)
  await page.goto(new URL('/docs#post_v1_embeddings', site.worker.url).href)
  await page.reload()
  await page.locator('#post_v1_embeddings[open]').waitFor()
  expect(errors).toEqual([])
  await page.close()
})

test('where a key is wanted, the page says so and reads on with it', async () => {
  const closed = await startSite({ vars: { API_KEY: KEY } })
  const { page } = await closed.open('/docs')
  await page.locator('.error', { hasText: 'API key' }).waitFor()
  expect(await page.locator('#key:focus').count()).toBe(1)
  await page.keyboard.type(KEY)
  await page.locator('.family').first().waitFor()
  await page.locator('#post_v1_tasks_fill_mask > summary').click()
  expect(await page.locator('#post_v1_tasks_fill_mask pre').first().textContent()).toContain('Bearer $API_KEY')
  await closed.stop()
})

test('weighs less than 100 KB beside the document it shows', async () => {
  const page = await site.browser.newPage()
  const weights: Record<string, number> = {}
  page.on('response', async (response) => {
    weights[new URL(response.url()).pathname] = (await response.body()).length
  })
  await page.goto(new URL('/docs', site.worker.url).href, { waitUntil: 'networkidle' })
  const { '/openapi.json': document = 0, ...own } = weights
  expect(document).toBeGreaterThan(10_000)
  expect(Object.values(own).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(100_000)
  await page.close()
})
