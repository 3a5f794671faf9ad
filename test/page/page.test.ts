/** The playground as a page: what it weighs, when it paints, keys, themes, errors, progress. */
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Opened, PHONE, run, type Site, seriousViolations, startSite } from './support.ts'

const KEY = 'sesame-1234'
const SHOTS = 'dist/screenshots'
let site: Site
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  site = await startSite({ vars: { API_KEY: KEY }, assets: slowShards })
}, 300_000)
afterAll(() => site.stop())

/** Shards of the second model come with a pause, so that its loading can be watched. */
async function slowShards(path: string, bytes: Uint8Array | null): Promise<Uint8Array | null> {
  if (path.includes('all-MiniLM-L6-v2') && path.endsWith('.bin')) await new Promise((done) => setTimeout(done, 1500))
  return bytes
}

async function open(
  path = '/',
  options?: Parameters<Site['open']>[1],
): Promise<Opened & { used(key: string): Promise<void> }> {
  const opened = await site.open(path, options)
  const used = async (key: string) => {
    await opened.page.getByText('API key', { exact: true }).click()
    await opened.page.getByLabel('Key, if this Worker wants one').fill(key)
    await opened.page.getByText('API key', { exact: true }).click()
  }
  return { ...opened, used }
}

test('weighs less than 100 KB, all of it from the Worker, and paints before any model is loaded', async () => {
  const page = await site.browser.newPage()
  const weights: Record<string, number> = {}
  page.on('response', async (response) => {
    weights[response.url()] = (await response.body()).length
  })
  await page.goto(site.worker.url.href, { waitUntil: 'networkidle' })
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Fill mask')
  const paint = await page.evaluate('performance.getEntriesByName("first-contentful-paint").length')
  expect(paint).toBe(1)
  const health = await site.worker.health()
  expect(health.graphs_created).toBe(0)
  expect(health.models.flatMap(({ loaded }) => loaded)).toEqual([])

  const urls = Object.keys(weights)
  expect(urls.every((url) => url.startsWith(site.worker.url.href))).toBe(true)
  expect(urls.length).toBeLessThan(10)
  const total = Object.values(weights).reduce((sum, bytes) => sum + bytes, 0)
  expect(total).toBeGreaterThan(20_000)
  expect(total).toBeLessThan(100_000)
  await page.close()
})

test('its files are served by name, with a policy, and again only when they changed; models are not', async () => {
  const page = await site.worker.fetch('/')
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  for (const path of ['/', '/docs', '/page/playground.js', '/page/style.css', '/page/icon.svg']) {
    const response = await site.worker.fetch(path)
    expect([path, response.status]).toEqual([path, 200])
    expect(response.headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    )
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    await response.body?.cancel()
  }
  const paths = [
    ...[
      '/page/none.js',
      '/page/..%2fmodels%2fmultitask-minilm%2fmodel.json',
      '/page/%2e%2e/models/multitask-minilm/model.json',
    ],
    ...['/models/multitask-minilm/model.json', '/assets/models/multitask-minilm/vocab.txt', '/page/index.html/..'],
  ]
  for (const path of paths) {
    const response = await site.worker.fetch(path)
    expect([path, [401, 404].includes(response.status)]).toEqual([path, true])
    expect(await response.text()).not.toContain('sha256')
  }
})

describe('by keyboard alone', () => {
  test('skip link, task, field, run, candidates, requests', async () => {
    const { page, errors, used } = await open()
    await used(KEY)
    await page.goto(site.worker.url.href)
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to the task')
    await page.keyboard.press('Enter')
    expect(await page.locator('h1:focus').count()).toBe(1)
    for (let i = 0; i < 5; i++) await page.keyboard.press('Tab')
    expect(await page.locator('textarea:focus').count()).toBe(1)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('The capital of France is [MASK].')
    await page.keyboard.press('Control+Enter')
    await page.locator('.view').waitFor()
    expect(await page.locator('#status').innerText()).toMatch(/^1 mask filled/)
    expect(await page.locator('textarea:focus').count()).toBe(1)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.locator('input[type=radio]:focus').count()).toBe(1)
    await page.keyboard.press('ArrowDown')
    const second = await page.locator('.bar-label').nth(1).innerText()
    expect(await page.locator('.passage').innerText()).toBe(`The capital of France is ${second}.`)

    await page.getByRole('tab', { name: 'curl' }).focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.getByRole('tab', { name: 'fetch' }).getAttribute('aria-selected')).toBe('true')
    expect(await page.locator('#request code').textContent()).toContain('await fetch(')
    await page.keyboard.press('End')
    expect(await page.locator('[role=tab]:focus').textContent()).toBe('Hugging Face')
    expect(errors).toEqual([])
    await page.close()
  })

  test('the skip link stays with the task', async () => {
    const { page } = await open('/#emotion')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('h1:focus').waitFor()
    await page.waitForTimeout(300)
    expect(await page.locator('h1').textContent()).toBe('Emotion')
    await page.close()
  })

  test('the request that is shown is what Copy puts on the clipboard', async () => {
    const { page } = await open('/#topic')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    // The list of models comes while the button has the focus.
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/v1/models', async (route) => {
      await held
      await route.continue()
    })
    await page.reload()
    await page.getByRole('button', { name: 'Copy' }).focus()
    const listed = page.waitForResponse('**/v1/models')
    release()
    await (await listed).finished()
    await page.waitForTimeout(200)
    await page.keyboard.press('Enter')
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      await page.locator('#request code').textContent(),
    )
    await page.close()
  })

  test('a link of the menu opens its task and moves the focus to it; the title says which', async () => {
    const { page } = await open()
    await page.getByRole('link', { name: 'Word sense' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('h1:focus', { hasText: 'Word sense' }).waitFor()
    expect(await page.title()).toBe('Word sense · edge-bert')
    expect(await page.locator('[aria-current=page]', { hasText: 'Word sense' }).count()).toBe(1)
    await page.goBack()
    await page.locator('h1', { hasText: 'Fill mask' }).waitFor()
    await page.close()
  })

  test('on a phone the tasks are a list to choose from', async () => {
    const { page } = await open('/', { viewport: PHONE })
    expect(await page.locator('#menu').isVisible()).toBe(false)
    await page.getByLabel('Task', { exact: true }).selectOption('emotion')
    await page.locator('h1', { hasText: 'Emotion' }).waitFor()
    await page.close()
  })
})

test('light or dark as the system says, until the user says otherwise', async () => {
  const { page } = await open('/', { colorScheme: 'dark' })
  const theme = () => page.evaluate('document.documentElement.dataset.theme')
  const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  expect(await theme()).toBe('dark')
  const dark = await paper()
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(theme).toBe('light')
  expect(await paper()).not.toBe(dark)
  await page.getByRole('button', { name: 'Dark' }).click()
  expect([await theme(), await paper()]).toEqual(['dark', dark])
  await page.reload()
  expect(await theme()).toBe('dark')
  expect(await page.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('button', { name: 'Dark' }).click()
  expect(await theme()).toBe('light')
  await page.close()
})

describe('a Worker that wants a key', () => {
  test('says so, takes it, keeps it for the tab, and writes it into no request to copy', async () => {
    const { page } = await open('/#sentiment')
    await run(page)
    expect(await page.locator('.error').innerText()).toContain('no API key')
    expect(await page.locator('#status').innerText()).toContain('API key')
    expect(await page.locator('#key:focus').count()).toBe(1)
    expect(await page.locator('#request code').textContent()).toContain('Bearer $API_KEY')
    await page.keyboard.type(KEY)
    await run(page)
    expect(await page.locator('.bar').count()).toBe(2)
    await page.reload()
    await run(page)
    expect(await page.locator('.bar').count()).toBe(2)
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      const code = await page.locator('#request code').textContent()
      expect(code).toContain('API_KEY')
      expect(code).not.toContain(KEY)
    }
    expect(await page.evaluate('localStorage.length')).toBe(0)
    await page.close()
  })
})

test('a bad request is answered with what is wrong, and the next one works', async () => {
  const { page, used } = await open('/#fill-mask')
  await used(KEY)
  await page.locator('#field-inputs').fill('No gap here.')
  await run(page)
  expect(await page.locator('.error').innerText()).toContain('No mask_token ([MASK]) found')
  expect(await seriousViolations(page)).toEqual([])
  await page.getByRole('button', { name: 'The trout' }).click()
  await page.locator('.view').waitFor()
  expect(await page.locator('.passage').innerText()).toMatch(/^Dang! .* trout just \w+ my line!$/)
  await page.close()
})

test('what was typed is there again when the user comes back to a task', async () => {
  const { page } = await open('/#topic')
  await page.locator('#field-inputs').fill('My own text.')
  await page.evaluate('location.hash = "#emotion"')
  await page.locator('h1', { hasText: 'Emotion' }).waitFor()
  await page.evaluate('location.hash = "#topic"')
  await page.locator('h1', { hasText: 'Topic' }).waitFor()
  expect(await page.locator('#field-inputs').inputValue()).toBe('My own text.')
  await page.close()
})

test('while a cold model loads the page shows which files and how far; then cold and warm side by side', async () => {
  const { page, errors, used } = await open('/#semantic-search')
  await used(KEY)
  await page.getByRole('button', { name: 'Run' }).click()
  const files = page.locator('.files li')
  await files.filter({ hasText: 'layers.000.bin' }).waitFor()
  const soFar = /^Loading all-MiniLM-L6-v2: \d+(\.\d MB| kB) of \d+\.\d MB$/
  await page.locator('.loading .headline', { hasText: soFar }).waitFor()
  await page.locator('#status', { hasText: 'Loading all-MiniLM-L6-v2…' }).waitFor({ state: 'attached' })
  expect(await page.locator('.view').count()).toBe(0)
  await page.screenshot({ path: `${SHOTS}/loading-light.png`, fullPage: true })
  await page.locator('.view').waitFor()
  expect(await page.locator('.badge').innerText()).toBe('cold')
  expect(await page.locator('.timing').innerText()).toMatch(/This call loaded 2\d\.\d MB of the model first\./)
  expect(await page.locator('#memory').innerText()).toContain('all-MiniLM-L6-v2')

  await run(page)
  expect(await page.locator('.badge').innerText()).toBe('warm')
  expect(await page.locator('.timing').innerText()).toMatch(/The last cold call: [\d.]+ s/)
  // Which call took longer is the machine's affair; that the bars say what the figures do is ours. Phases may overlap.
  const shown = await page.locator('.total b, .timing .aside', { hasText: /\d m?s$/ }).allInnerTexts()
  const lengths = await page
    .locator('.stack')
    .evaluateAll((bars) =>
      bars.map((bar) => bar.lastElementChild.getBoundingClientRect().right - bar.getBoundingClientRect().left),
    )
  const [warm = 0, cold = 0] = shown.map(millisecondsOf)
  const [warmBar = 0, coldBar = 0] = lengths as number[]
  expect(warmBar / coldBar).toBeGreaterThan(warm / cold / 2)
  expect(warmBar / coldBar).toBeLessThan((warm / cold) * 2)
  expect(errors).toEqual([])
  await page.close()
})

test('an answer that comes too late for another task is not shown there', async () => {
  const { page, errors, used } = await open('/#text-generation')
  await used(KEY)
  await page.getByRole('button', { name: 'Run' }).click()
  await page.evaluate('location.hash = "#sentiment"')
  await page.locator('h1', { hasText: 'Sentiment' }).waitFor()
  expect(await page.locator('#result[aria-busy]').count()).toBe(0)
  await page.waitForTimeout(1500)
  expect(await page.locator('.view').count()).toBe(0)
  expect(errors).toEqual([])
  await page.close()
})

/** '… 1.52 s' or '80 ms' → milliseconds. */
function millisecondsOf(shown: string): number {
  const [, value = '', unit] = shown.match(/([\d.]+) (m?s)$/) ?? []
  return Number(value) * (unit === 's' ? 1000 : 1)
}
