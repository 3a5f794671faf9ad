/** The client without a network: what it sends, what it makes of answers. Over HTTP: test/clients. */
import { describe, expect, test } from 'vitest'
import { registry } from '../tasks/registry.ts'
import { type CallOptions, EdgeBertClient, EdgeBertError, LISTED } from './index.ts'
import type { BatchTasks, SingleTasks } from './tasks.ts'

/** TypeScript holds these to be all names of BatchTasks and SingleTasks, no more and no less. */
const batch: Record<keyof BatchTasks, true> = {
  'fill-mask': true,
  'text-classification': true,
  sentiment: true,
  emotion: true,
  toxicity: true,
  topic: true,
  acceptability: true,
  'token-classification': true,
  'question-answering': true,
  'natural-language-inference': true,
  'zero-shot-classification': true,
  paraphrase: true,
  'next-sentence-prediction': true,
  'multiple-choice': true,
  summarization: true,
  'text-prediction': true,
  'bias-probe': true,
  'feature-extraction': true,
  analyze: true,
}
const single: Record<keyof SingleTasks, true> = {
  'text-generation': true,
  'sentence-similarity': true,
  'semantic-search': true,
  rerank: true,
  clustering: true,
  'near-duplicates': true,
  'word-sense': true,
}

describe('a task that is registered is in src/client/tasks.ts, too', () => {
  const named = (wanted: (task: { batch: boolean; listed: boolean }) => boolean) =>
    [...registry.values()]
      .filter(wanted)
      .map(({ name }) => name)
      .sort()

  test('BatchTasks', () => expect(Object.keys(batch).sort()).toEqual(named((task) => task.batch)))
  test('SingleTasks', () => expect(Object.keys(single).sort()).toEqual(named((task) => !task.batch)))
  test('LISTED', () => expect([...LISTED].sort()).toEqual(named((task) => task.listed)))
})

/** A client whose requests go to a function. */
function client(answer: (request: Request) => Response | Promise<Response>, key?: string) {
  const fetch = (async (input: string, init: RequestInit) =>
    answer(new Request(input, init))) as typeof globalThis.fetch
  return new EdgeBertClient({ url: 'https://bert.example/base/', fetch, ...(key ? { key } : {}) })
}

test('sends the task in the path, the key in a header, the rest in the body', async () => {
  let seen: Request | undefined
  const bert = client((request) => {
    seen = request.clone() as Request
    return Response.json([])
  }, 'secret')
  await bert.task('fill-mask', ['a [MASK]'], { top_k: 2 }, { model: 'default' })
  expect(seen?.url).toBe('https://bert.example/base/v1/tasks/fill-mask')
  expect(seen?.headers.get('authorization')).toBe('Bearer secret')
  expect(await seen?.json()).toEqual({ inputs: ['a [MASK]'], parameters: { top_k: 2 }, model: 'default' })
})

test('one input gives one answer, also where the wire has a list of one', async () => {
  const labels = [{ label: 'positive', score: 1 }]
  const bert = client(() => Response.json([labels]))
  expect(await bert.task('sentiment', 'good')).toEqual(labels)
  expect(await bert.task('sentiment', ['good'])).toEqual([labels])
})

test('notes: what was cut, what is to be remarked; silence where there is nothing', async () => {
  const notes: unknown[] = []
  const options: CallOptions = { onNotes: (note) => notes.push(note) }
  const headers = { 'x-truncated': '2', 'x-warning': 'careful' }
  await client(() => Response.json([1], { headers })).task('feature-extraction', 'x', {}, options)
  await client(() => Response.json([1])).task('feature-extraction', 'x', {}, options)
  expect(notes).toEqual([{ truncated: 2, warning: 'careful' }])
})

test('a fetch that refuses to be a method, as that of browsers and workerd does', async () => {
  async function fetch(this: unknown) {
    if (this !== undefined) throw new TypeError('Illegal invocation')
    return Response.json([1])
  }
  const bert = new EdgeBertClient({ url: 'https://bert.example', fetch: fetch as typeof globalThis.fetch })
  expect(await bert.task('feature-extraction', 'x')).toEqual([1])
})

describe('errors', () => {
  const failure = (answer: () => Response | Promise<Response>) =>
    client(answer)
      .task('feature-extraction', 'x')
      .then(
        () => expect.unreachable('no error'),
        (error: EdgeBertError) => error,
      )

  test('the Worker’s', async () => {
    const headers = { 'retry-after': '1', 'x-request-id': 'id-1' }
    const body = { error: 'Model is overloaded', error_type: 'Overloaded' }
    const error = await failure(() => Response.json(body, { status: 429, headers }))
    expect(error).toBeInstanceOf(EdgeBertError)
    expect({ ...error }).toMatchObject({ kind: 'Overloaded', status: 429, requestId: 'id-1', retryAfter: 1 })
    expect(error.message).toBe('Model is overloaded')
  })

  test.each(['<html>', 'null', ''])('of something in between: %s', async (body) => {
    const error = await failure(() => new Response(body, { status: 502, statusText: 'Bad Gateway' }))
    expect(error).toMatchObject({ kind: 'Unknown', status: 502, message: '502 Bad Gateway', retryAfter: null })
  })

  test('an answer that is none, or not whole', async () => {
    const page = await failure(() => new Response('<html>'))
    expect(page).toMatchObject({ name: 'EdgeBertError', kind: 'Unknown', status: 200 })
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) })
    expect(await failure(() => new Response(broken))).toMatchObject({ name: 'EdgeBertError', kind: 'Network' })
  })

  test('no answer', async () => {
    const error = await failure(() => Promise.reject(new TypeError('refused')))
    expect(error).toMatchObject({ kind: 'Network', status: 0 })
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test('an aborted call throws what the signal says', async () => {
    const bert = client((request) => {
      request.signal.throwIfAborted()
      return Response.json([])
    })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(bert.task('feature-extraction', 'x', {}, { signal })).rejects.toThrow('enough')
  })
})

/** Never run; TypeScript checks it. */
const types = async (bert: EdgeBertClient) => {
  const vector: number[] = await bert.task('feature-extraction', 'x')
  const vectors: number[][] = await bert.task('feature-extraction', ['x', 'y'])
  const [ranked] = await bert.task('zero-shot-classification', 'x', { candidate_labels: ['a', 'b'] })
  // @ts-expect-error: the labels are required
  await bert.task('zero-shot-classification', 'x')
  // @ts-expect-error: its input is a list already
  await bert.task('rerank', [{ query: 'q', documents: ['d'] }])
  // @ts-expect-error: no such task
  await bert.task('translation', 'x')
  // @ts-expect-error: no such parameter
  await bert.task('fill-mask', 'x', { topk: 1 })
  return [vector, vectors, ranked?.label]
}

test('types', () => expect(types).toBeTypeOf('function'))
