/** What the client tests share: a Worker behind a proxy that counts what arrives, and what a right vector is. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { startWorker, type TestWorker, type WorkerOptions } from '../support/worker.ts'

export interface Counted {
  /** What clients are pointed at, without a slash at the end. */
  readonly base: string
  readonly worker: TestWorker
  /** Requests that arrived since the last call of this function: `POST /path 200`. */
  arrived(): string[]
  stop(): Promise<void>
}

export async function startCounted(options?: WorkerOptions): Promise<Counted> {
  const worker = await startWorker(options)
  let seen: string[] = []
  const server = createServer(async (request, response) => {
    const body = request.method === 'POST' ? await read(request) : null
    const answer = await fetch(new URL(request.url ?? '/', worker.url), {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).filter(
        ([name]) => !/^(host|connection|.*-encoding|.*-length)$/.test(name),
      ),
      body,
    } as RequestInit)
    seen.push(`${request.method} ${request.url} ${answer.status}`)
    const headers = [...answer.headers].filter(([name]) => !/^(connection|content-encoding|.*-length)$/.test(name))
    response.writeHead(answer.status, Object.fromEntries(headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    worker,
    arrived() {
      const all = seen
      seen = []
      return all
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await worker.stop()
    },
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Milliseconds for a call with hundreds of inputs on a machine that has other work. */
export const LONG = 180_000

/** Three texts that every client embeds; the second has characters beyond UTF-16's first plane. */
export const TEXTS = [
  'A man is playing a guitar.',
  '🎣 Someone plays an instrument. 東京',
  'The stock market fell today.',
]

export const native = (worker: TestWorker, inputs: readonly string[], parameters = {}): Promise<number[][]> =>
  worker.ask('/v1/tasks/feature-extraction', { inputs, parameters })

/** One vector for each expected one, in order, of length 1, equal to 1e-6. */
export function expectVectors(given: readonly ArrayLike<number>[], expected: readonly number[][]): void {
  expect(given.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  given.forEach((vector, i) => {
    const values = Array.from(vector)
    const differences = values.map((value, j) => Math.abs(value - (expected[i]?.[j] as number)))
    expect(Math.max(...differences)).toBeLessThan(1e-6)
    expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5)
  })
}

/** The error a call fails with. */
// biome-ignore lint/suspicious/noExplicitAny: every client has an error class of its own
export async function failure(call: PromiseLike<unknown>): Promise<any> {
  try {
    await call
  } catch (error) {
    return error
  }
  return expect.unreachable('the call did not fail')
}

/** The part of a text between two offsets that count code points. */
export const slice = (text: string, start: number, end: number) => [...text].slice(start, end).join('')
