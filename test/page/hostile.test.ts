/** Texts that would be HTML if the page ever read them so: each kind of view shows them as they are. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TaskName } from '../../src/client/tasks.ts'
import { registry } from '../../src/tasks/registry.ts'
import { goToTask, type Opened, run, type Site, startSite } from './support.ts'

let site: Site
let opened: Opened
beforeAll(async () => {
  site = await startSite()
  opened = await site.open('/')
}, 300_000)
afterAll(() => site.stop())

const BAIT = `<img src="/none.png" onerror="document.title='owned'"><script>document.title='owned'</script>"'&lt;`
/** Fields that need something beside the bait. */
const WITH: Readonly<Record<string, (bait: string) => string>> = {
  'fill-mask inputs': (bait) => `${bait} [MASK]`,
  'bias-probe a': (bait) => `${bait} [MASK]`,
  'bias-probe b': (bait) => `[MASK] ${bait}`,
  'word-sense word': () => 'bank',
  'word-sense contexts': (bait) => `${bait} bank\nthe bank ${bait}\nbank`,
  'word-sense senses': (bait) => `${bait}\nriver`,
  'next-sentence-prediction sentences': (bait) => `${bait}\n${bait}`,
}
/** Their views show nothing of the text. */
const LABELS_ONLY = new Set<TaskName>([
  ...(['text-classification', 'sentiment', 'emotion', 'toxicity', 'topic', 'acceptability'] as const),
  ...(['natural-language-inference', 'paraphrase'] as const),
])
const lists = (bait: string) => `${bait}\n${bait} too\nSomething else`

test.each([...registry.keys()] as TaskName[])('%s', async (name) => {
  const { page } = opened
  await goToTask(page, name)
  const title = await page.title()
  for (const field of await page.locator('.editor textarea, .editor input[type=text]').all()) {
    const id = (await field.getAttribute('id'))?.replace('field-', '')
    const isList = (await field.getAttribute('class')) === 'lines'
    const make = WITH[`${name} ${id}`] ?? (isList ? lists : (bait: string) => bait)
    await field.fill(make(BAIT))
  }
  await run(page)
  expect(await page.locator('.error').allTextContents()).toEqual([])
  for (const tab of await page.getByRole('tab').all()) await tab.click()
  const summary = page.locator('.raw summary')
  await summary.click()
  await page.waitForTimeout(50)
  expect(await page.title()).toBe(title)
  expect(await page.locator('main img, aside img, main script, aside script').count()).toBe(0)
  expect((await page.locator('.view').textContent())?.includes('<img src=')).toBe(!LABELS_ONLY.has(name))
})

test('nothing was asked for, run, or logged as an error', () => {
  expect(opened.errors).toEqual([])
})
