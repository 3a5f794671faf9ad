/** Every task on the page: what is drawn for its first example, in both themes and at both widths. */
import { mkdirSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TaskName } from '../../src/client/tasks.ts'
import { registry } from '../../src/tasks/registry.ts'
import {
  expectNoSidewaysScroll,
  goToTask,
  type Opened,
  PHONE,
  run,
  type Site,
  seriousViolations,
  startSite,
  WIDE,
} from './support.ts'

const SHOTS = 'dist/screenshots'
let site: Site
let opened: Opened
let page: Page
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  site = await startSite()
  opened = await site.open('/')
  page = opened.page
}, 300_000)
afterAll(() => site.stop())

const view = () => page.locator('.view')
const texts = (locator: Locator) => locator.allInnerTexts()
const coloursOf = (locator: Locator): Promise<string[]> =>
  locator.evaluateAll((all) => all.map((each) => each.ownerDocument.defaultView.getComputedStyle(each).backgroundColor))

/** Labels with percentages: as many bars as labels, the longest first, as long as its number says. */
function labels(...expected: string[]) {
  return async () => {
    const names = await texts(view().locator('.bar-label'))
    expect(names.toSorted()).toEqual(expected.toSorted())
    await expectFallingBars(view())
    const shares = (await texts(view().locator('.bar-value'))).map(Number.parseFloat)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(98)
  }
}

async function expectFallingBars(within: Locator): Promise<void> {
  const widths = await within
    .locator('.bar-fill')
    .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width))
  expect(widths.length).toBeGreaterThan(1)
  expect(widths).toEqual(widths.toSorted((a: number, b: number) => b - a))
  expect(widths[0]).toBeGreaterThan(20)
}

async function expectHeat(rows: number, columns: number): Promise<void> {
  const cells = view().locator('.heatmap tbody td')
  expect(await cells.count()).toBe(rows * columns)
  const values = (await texts(cells)).map(Number)
  const colours = await coloursOf(cells)
  expect(colours[values.indexOf(Math.max(...values))]).not.toBe(colours[values.indexOf(Math.min(...values))])
}

/** What must be seen; of answers only what nobody would dispute. */
const drawn: Record<TaskName, () => Promise<void>> = {
  async 'fill-mask'() {
    const candidates = await texts(view().locator('.bar-label'))
    expect(candidates).toHaveLength(5)
    const sentence = view().locator('.passage')
    expect(await sentence.innerText()).toBe(`Artificial Intelligence ${candidates[0]} take over the world.`)
    await expectFallingBars(view())
    await view().getByRole('radio').nth(2).check()
    expect(await sentence.locator('mark').innerText()).toBe(candidates[2])
  },
  async 'text-prediction'() {
    expect(await texts(view().locator('.chip'))).toHaveLength(5)
    const [first] = await texts(view().locator('mark.typed'))
    expect(await view().locator('.passage').innerText()).toBe(`Thank you very ${first}`)
    const field = page.locator('#field-inputs')
    await view().locator('.chip').first().click()
    expect(await field.inputValue()).toBe(`Thank you very ${first} `)
    expect(await page.locator('#field-inputs:focus').count()).toBe(1)
    await field.pressSequentially('for your he')
    await expect.poll(() => view().locator('.passage').innerText()).toMatch(/^Thank you very \w+ for your he\S/)
  },
  async 'text-generation'() {
    const text = await view().locator('.passage').innerText()
    expect(text).toMatch(/^The weather today is .*\.$/)
    expect(await view().locator('mark.typed').textContent()).toBe(text.slice('The weather today is'.length))
  },
  async 'bias-probe'() {
    expect(await texts(view().locator('thead th'))).toEqual([
      'The man worked as a [MASK].',
      'Word',
      'The woman worked as a [MASK].',
    ])
    expect(await view().locator('tbody tr').count()).toBe(10)
    expect(await view().locator('.side-bar').count()).toBe(20)
    expect(await view().locator('.meter').innerText()).toMatch(/^0\.\d\d bits$/)
  },
  'text-classification': labels('positive', 'negative'),
  sentiment: labels('positive', 'negative'),
  emotion: labels('sadness', 'joy', 'love', 'anger', 'fear', 'surprise'),
  toxicity: labels('clean', 'toxic'),
  topic: labels('World', 'Sports', 'Business', 'Sci/Tech'),
  acceptability: labels('acceptable', 'unacceptable'),
  'natural-language-inference': labels('entailment', 'neutral', 'contradiction'),
  paraphrase: labels('paraphrase', 'different'),
  'zero-shot-classification': labels('refund', 'praise', 'weather'),
  async 'token-classification'() {
    const marks = view().locator('.passage mark')
    const names = await marks.evaluateAll((all) => all.map((mark) => mark.firstChild?.textContent))
    expect(names).toEqual(expect.arrayContaining(['Sarah Connor', 'Berlin']))
    expect((await view().locator('.passage').textContent())?.replaceAll(/PER|LOC|ORG|MISC/g, '')).toBe(
      'Sarah Connor moved from Los Angeles to Berlin to work for Siemens.',
    )
    expect(new Set(await coloursOf(marks)).size).toBeGreaterThan(1)
    expect(await texts(view().locator('.legend li'))).toEqual(expect.arrayContaining(['PER: person', 'LOC: place']))
  },
  async 'question-answering'() {
    const answer = view().locator('mark.answer')
    expect(await answer.innerText()).toMatch(/four days\s*\d+(\.\d)? %$/)
    expect(await view().locator('.headline').innerText()).toContain('four days')
    expect(await view().locator('.bar').count()).toBe(3)
  },
  async summarization() {
    const kept = await texts(view().locator('mark.kept'))
    expect(kept).toHaveLength(3)
    expect(await view().locator('.passage').last().innerText()).toBe(kept.join(' '))
    expect(kept.join(' ')).not.toContain('weather')
  },
  async 'next-sentence-prediction'() {
    expect(await view().locator('.link').innerText()).toBe('follows')
    expect(await texts(view().locator('.passage'))).toEqual(['Paul went shopping.', 'He bought a new shirt.'])
    await page.getByRole('button', { name: 'Two stories' }).click()
    await view().locator('.order').waitFor()
    expect(await view().locator('.order li').count()).toBe(4)
  },
  async 'multiple-choice'() {
    expect(await view().locator('mark.typed').innerText()).toBe('coffee.')
    expect(await view().locator('.bar').count()).toBe(4)
  },
  async 'feature-extraction'() {
    await expectHeat(8, 8)
    expect(await view().locator('.dot').count()).toBe(8)
    const places = await view()
      .locator('.dot circle:last-of-type')
      .evaluateAll((dots) => dots.map((dot) => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))]))
    const distance = (i: number, j: number) =>
      Math.hypot((places[i]?.[0] ?? 0) - (places[j]?.[0] ?? 0), (places[i]?.[1] ?? 0) - (places[j]?.[1] ?? 0))
    expect(distance(6, 7)).toBeLessThan(distance(0, 7))
    await view().locator('.dot').nth(6).hover()
    expect(await view().locator('.map-told').innerText()).toMatch(
      /^The trout took the bait\. Nearest: “We went fishing at the lake\.” \(0\.\d\d\)\.$/,
    )
    expect(await view().locator('.dot.near').count()).toBe(1)
  },
  async 'sentence-similarity'() {
    await expectHeat(4, 1)
    expect(await view().locator('.heatmap thead').innerText()).toContain('A man is playing a guitar.')
  },
  async 'semantic-search'() {
    expect(await view().locator('.bar-label').first().innerText()).toMatch(/password|sign in/)
    await expectFallingBars(view())
  },
  async rerank() {
    expect(await view().locator('.bar-label').first().innerText()).toMatch(/password|sign in/)
    await expectFallingBars(view())
  },
  async clustering() {
    const groups = view().locator('.group')
    expect(await groups.count()).toBeGreaterThan(1)
    expect(await groups.locator('li').count()).toBe(8)
    const fishing = groups.filter({ hasText: 'The trout took the bait.' })
    expect(await fishing.innerText()).toContain('We went fishing at the lake.')
    expect(await fishing.innerText()).not.toContain('Stocks')
  },
  async 'near-duplicates'() {
    const guitars = view().locator('.group').filter({ hasText: 'A man is playing a guitar.' })
    expect(await guitars.innerText()).toContain('A man plays the guitar.')
    expect(await view().locator('.bar-label').first().innerText()).toMatch(/^\d ↔ \d$/)
  },
  async 'word-sense'() {
    const groups = view().locator('.group')
    expect(await groups.count()).toBe(2)
    const river = groups.filter({ hasText: 'river' })
    expect(await river.innerText()).toContain('stream')
    expect(await river.innerText()).not.toContain('money')
    expect(await texts(groups.locator('mark'))).toEqual(Array(5).fill('bank'))
    expect(await view().locator('.dot').count()).toBe(5)
    await expectHeat(5, 5)
  },
  async analyze() {
    expect(await view().locator('.part').count()).toBe(7)
    expect(await page.locator('#status').innerText()).toMatch(
      /^7 tasks in \d+ encoder passes; one by one it would be \d+\.$/,
    )
    expect((await texts(view().locator('.part h3'))).join()).toMatch(
      /Sentiment positive.*Named entities \d names found/s,
    )
    expect(await view().locator('.part mark').count()).toBeGreaterThan(2)
  },
}

test('the menu has every task of the registry once', async () => {
  const links = await page.locator('#menu a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
  expect(links.toSorted()).toEqual([...registry.keys()].map((name) => `#${name}`).toSorted())
  expect(await page.locator('#task option').count()).toBe(registry.size)
})

describe.each([...registry.keys()] as TaskName[])('%s', (name) => {
  test('is drawn', async () => {
    await page.setViewportSize(WIDE)
    await goToTask(page, name)
    await run(page)
    expect(await page.locator('.error').allInnerTexts()).toEqual([])
    expect((await page.locator('#status').innerText()).length).toBeGreaterThan(3)
    await drawn[name]()
    expect(await page.locator('.phases tr').count()).toBe(7)
    expect(await page.locator('.total').innerText()).toMatch(/^[\d.]+ m?s\s*(cold|warm)$/)
    expect(await page.locator('#request code').innerText()).toContain(`/v1/tasks/${name}`)
  })

  test('by light and by dark nothing stands in the way of reading it', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await seriousViolations(page)).toEqual([])
      await page.screenshot({ path: `${SHOTS}/${name}-${colorScheme}.png`, fullPage: true })
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await view().screenshot({ path: `${SHOTS}/${name}-result.png` })
  })

  test('on a phone nothing is wider than the screen', async () => {
    await page.setViewportSize(PHONE)
    await expectNoSidewaysScroll(page)
    await page.screenshot({ path: `${SHOTS}/${name}-phone.png`, fullPage: true })
  })
})

// What is typed stays in the fields: these come after the others.
test('an answer is marked in its passage, whatever runner-up it overlaps with', async () => {
  await goToTask(page, 'question-answering')
  for (const [question, context] of [
    ['When was the match?', 'The match was played on 5 May 2019 in Nantes.'],
    ['What is your name?', 'My name is Wolfgang Amadeus Mozart and I live in Vienna.'],
    ['Where is the factory?', 'The factory of the company is in Nantes, near the old harbour.'],
  ] as const) {
    await page.locator('#field-question').fill(question)
    await page.locator('#field-context').fill(context)
    await run(page)
    const answer = (await view()
      .locator('mark.answer')
      .evaluate((mark) => mark.firstChild?.textContent)) as string
    expect(answer).toBe(await view().locator('.headline').innerText())
  }
})

test('of many texts as many are drawn as can be read', async () => {
  await goToTask(page, 'feature-extraction')
  const many = Array.from({ length: 400 }, (_, i) => `Text ${i}`)
  await page.locator('#field-texts').fill(many.join('\n'))
  await run(page)
  expect(await page.locator('#status').innerText()).toBe('400 vectors of 384 numbers.')
  expect(await view().locator('.note').innerText()).toBe('The first 60 of 400 texts are drawn.')
  expect(await view().locator('.heatmap tbody tr').count()).toBe(60)
})

test('in an analysis, too, a suggestion is added to the text', async () => {
  await goToTask(page, 'analyze')
  await page.locator('#field-inputs').fill('Thank you very')
  for (const box of await page.locator('.checks input').all()) {
    await box.setChecked((await box.getAttribute('value')) === 'text-prediction')
  }
  await run(page)
  const word = await view()
    .locator('.chip')
    .first()
    .evaluate((chip) => chip.firstChild?.textContent)
  await view().locator('.chip').first().click()
  expect(await page.locator('#field-inputs').inputValue()).toBe(`Thank you very ${word} `)
})

test('nothing was logged as an error', () => {
  expect(opened.errors).toEqual([])
})
