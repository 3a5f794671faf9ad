/** The page in Chromium against the Worker in workerd: opened, filled in, run, and watched for errors. */
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { startWorker, type TestWorker, type WorkerOptions } from '../support/worker.ts'

export const WIDE = { width: 1280, height: 860 }
export const PHONE = { width: 390, height: 844 }

export interface Opened {
  readonly page: Page
  /** What the browser logged as an error, and exceptions; empty at the end of a good test. */
  readonly errors: readonly string[]
}

export interface Site {
  readonly worker: TestWorker
  readonly browser: Browser
  open(path: string, options?: Parameters<Browser['newPage']>[0]): Promise<Opened>
  stop(): Promise<void>
}

export async function startSite(options?: WorkerOptions): Promise<Site> {
  const [worker, browser] = await Promise.all([startWorker(options), launchChromium()])
  return {
    worker,
    browser,
    async open(path, given) {
      const page = await browser.newPage({ viewport: WIDE, reducedMotion: 'reduce', ...given })
      page.setDefaultTimeout(20_000)
      const errors: string[] = []
      page.on('console', (message) => {
        // Chromium logs every 401; a Worker with a key lists its models only when the page has it.
        if (/\b401\b/.test(message.text()) && message.location().url.endsWith('/v1/models')) return
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
      })
      page.on('pageerror', (error) => errors.push(String(error)))
      await page.goto(new URL(path, worker.url).href)
      return { page, errors }
    },
    async stop() {
      await Promise.all([browser.close(), worker.stop()])
    },
  }
}

/** Goes to a task on a page that is open, and waits until it is there. */
export async function goToTask(page: Page, name: string): Promise<void> {
  await page.goto(new URL(`/#${name}`, page.url()).href)
  await page.locator(`#menu a[aria-current=page][href="#${name}"]`).waitFor({ state: 'attached' })
}

/** Runs what stands in the fields and waits for the answer, or for the error that came instead. */
export async function run(page: Page): Promise<void> {
  await page.evaluate('document.getElementById("result").replaceChildren()')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.locator('#result:not([aria-busy])').locator('.view, .error').first().waitFor()
}

/** Violations that people meet: of the impacts serious and critical. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const results = (await page.evaluate('axe.run()')) as axe.AxeResults
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
  expect(content).toBeLessThanOrEqual(window as number)
}
