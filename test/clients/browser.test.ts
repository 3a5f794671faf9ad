/** Clients in Chromium, in a page of another origin than the Worker's: what CORS lets them send and read. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as Client from '../../src/client/index.ts'
import { launchChromium } from '../support/chromium.ts'
import { startWorker, type TestWorker } from '../support/worker.ts'
import { expectVectors, LONG, TEXTS } from './support.ts'

const KEY = 'sesame-1234'

/** What the page has; see SCRIPT. */
declare const clients: {
  EdgeBertClient: typeof Client.EdgeBertClient
  EdgeBertError: typeof Client.EdgeBertError
  OpenAI: typeof import('openai').default
  InferenceClient: typeof import('@huggingface/inference').InferenceClient
}

const SCRIPT = `
import OpenAI from 'openai'
import { InferenceClient } from '@huggingface/inference'
import { EdgeBertClient, EdgeBertError } from './src/client/index.ts'
globalThis.clients = { EdgeBertClient, EdgeBertError, OpenAI, InferenceClient }`

let worker: TestWorker
let server: Server
let browser: Browser
let page: Page
let url: string
beforeAll(async () => {
  worker = await startWorker({ vars: { API_KEY: KEY } })
  url = worker.url.origin
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: process.cwd() },
    ...{ bundle: true, format: 'esm', platform: 'browser', write: false },
  })
  server = createServer((request, response) => {
    const isScript = request.url === '/clients.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><script type="module" src="/clients.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => 'clients' in globalThis)
}, 2 * LONG)
afterAll(async () => {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
  await worker?.stop()
})

/** The Worker has a key here, so that the native answer needs it, too. */
async function native(inputs: readonly string[]): Promise<number[][]> {
  const response = await worker.post('/embed', { inputs }, { authorization: `Bearer ${KEY}` })
  return response.json() as Promise<number[][]>
}

test('edge-bert/client: answers, and what stands in headers', async () => {
  const given = { url, key: KEY, texts: TEXTS }
  const { vectors, notes } = await page.evaluate(async ({ url, key, texts }) => {
    const bert = new clients.EdgeBertClient({ url, key })
    const notes: Client.Notes[] = []
    await bert.task('feature-extraction', 'word '.repeat(2000), {}, { onNotes: (note) => notes.push(note) })
    return { vectors: await bert.task('feature-extraction', texts), notes }
  }, given)
  expectVectors(vectors, await native(TEXTS))
  expect(notes).toEqual([{ truncated: 1, warning: '' }])
})

test('edge-bert/client: typed errors, with the request’s id', async () => {
  const errors = await page.evaluate(
    async ({ url, key }) => {
      const outcome = async (client: Client.EdgeBertClient, text: string) => {
        const error = await client.task('fill-mask', text).catch((thrown: Client.EdgeBertError) => thrown)
        const { message, kind, status, requestId } = error as Client.EdgeBertError
        return { isOwn: error instanceof clients.EdgeBertError, message, kind, status, hasId: requestId !== null }
      }
      const bert = new clients.EdgeBertClient({ url, key })
      const stranger = new clients.EdgeBertClient({ url, key: 'wrong' })
      const nowhere = new clients.EdgeBertClient({ url: 'http://127.0.0.1:9', key })
      return [await outcome(bert, 'no mask'), await outcome(stranger, 'a [MASK]'), await outcome(nowhere, 'a [MASK]')]
    },
    { url, key: KEY },
  )
  expect(errors).toMatchObject([
    { isOwn: true, kind: 'Validation', status: 422, hasId: true, message: expect.stringMatching(/^No mask_token/) },
    { isOwn: true, kind: 'Unauthorized', status: 401, hasId: true },
    { isOwn: true, kind: 'Network', status: 0, hasId: false },
  ])
})

test('edge-bert/client: an aborted call throws the signal’s reason', async () => {
  const name = await page.evaluate(
    async ({ url, key }) => {
      const inputs = Array(200).fill('some words to read')
      const call = new clients.EdgeBertClient({ url, key }).task(
        'feature-extraction',
        inputs,
        {},
        {
          signal: AbortSignal.timeout(50),
        },
      )
      return call.then(
        () => 'an answer',
        (error: Error) => error.name,
      )
    },
    { url, key: KEY },
  )
  expect(name).toBe('TimeoutError')
})

test('openai and @huggingface/inference: the headers they add pass the preflight', async () => {
  const given = { url, key: KEY, texts: TEXTS }
  const found = await page.evaluate(async ({ url, key, texts }) => {
    const openai = new clients.OpenAI({ apiKey: key, baseURL: `${url}/v1`, dangerouslyAllowBrowser: true })
    const { data } = await openai.embeddings.create({ model: 'bert', input: texts })
    const endpoint = new clients.InferenceClient(key, { endpointUrl: `${url}/tasks/feature-extraction` })
    const failed = await openai.embeddings.create({ model: 'x/y', input: 'a' }).catch((error) => error)
    return {
      openai: data.map(({ embedding }) => embedding),
      huggingFace: (await endpoint.featureExtraction({ inputs: texts }, { billTo: 'us' })) as number[][],
      failed: { status: failed.status, hasId: Boolean(failed.requestID) },
    }
  }, given)
  const expected = await native(TEXTS)
  expectVectors(found.openai, expected)
  expectVectors(found.huggingFace, expected)
  expect(found.failed).toEqual({ status: 404, hasId: true })
})
