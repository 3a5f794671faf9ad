/**
 * Decoding held to the pipelines of transformers 4.57: fed the logits that the reference's model gave, our tasks ask
 * for the same passes and give the same answers. test/golden/tasks.py made the files and describes them.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { fillMask } from './fill-mask.ts'
import { questionAnswering } from './question-answering.ts'
import type { Reading, RowSelection, Task } from './task.ts'
import { tokenClassification } from './token-classification.ts'
import { zeroShotClassification } from './zero-shot-classification.ts'

interface GoldenPass {
  ids: number[]
  first: number
  logits: string
  rows?: number[]
  kept?: string[]
}

interface GoldenCase {
  inputs: unknown
  parameters: Record<string, unknown>
  max_length?: number
  passes: number[]
  answer: unknown
}

interface Golden {
  reference: string
  labels?: string[]
  low?: number
  passes: GoldenPass[]
  cases: GoldenCase[]
}

const SCORE_TOLERANCE = 1e-5

function readGolden(task: string): Golden {
  return JSON.parse(gunzipSync(readFileSync(`test/golden/tasks/${task}.json.gz`)).toString()) as Golden
}

function numbers<T>(type: new (buffer: ArrayBuffer) => T, base64: string): T {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new type(bytes.buffer)
}

/** The reference's logits of a pass, as the model would give them for the rows that the task reads. */
function replay(golden: Golden, pass: GoldenPass, selection: RowSelection): Reading[string] {
  const data = numbers(Float32Array, pass.logits)
  if (!pass.rows) {
    const rows = selection === 'cls' ? 1 : pass.ids.length
    return { data, rows, columns: golden.labels?.length as number }
  }
  expect(selection).toEqual(pass.rows)
  const full = new Float32Array(pass.rows.length * tokenizer.vocabSize).fill(golden.low as number)
  let read = 0
  pass.kept?.forEach((ids, row) => {
    for (const id of numbers(Int32Array, ids)) full[row * tokenizer.vocabSize + id] = data[read++] as number
  })
  return { data: full, rows: pass.rows.length, columns: tokenizer.vocabSize }
}

/** Our answer on the reference's numbers; fails unless our task asks for the reference's passes. */
function answerOf(task: Task, golden: Golden, { inputs, parameters, max_length, passes }: GoldenCase): unknown {
  const outcome = tryTask(task, inputs, parameters, {
    labels: golden.labels ?? [],
    maxLength: max_length ?? 512,
    logits: ({ encoding }, index, rows) => {
      const reference = golden.passes[passes[index] ?? -1]
      if (!reference) throw new Error(`pass ${index} of ${passes.length}`)
      expect([...encoding.ids]).toEqual(reference.ids)
      expect([...encoding.typeIds]).toEqual(reference.ids.map((_, token) => (token < reference.first ? 0 : 1)))
      return replay(golden, reference, rows)
    },
  })
  expect(outcome.passes.length).toBe(passes.length)
  return outcome.answer
}

/** Equal but for scores, which may differ by the tolerance. */
function expectEqual(actual: unknown, expected: unknown, message?: string): void {
  const [ours, theirs] = [splitScores(actual), splitScores(expected)]
  expect(ours.rest, message).toEqual(theirs.rest)
  ours.scores.forEach((score, index) => {
    expect(Math.abs(score - (theirs.scores[index] as number)), message).toBeLessThan(SCORE_TOLERANCE)
  })
}

function splitScores(value: unknown): { scores: number[]; rest: unknown } {
  const scores: number[] = []
  const rest = JSON.parse(JSON.stringify(value), (key, item) => {
    if (key !== 'score') return item
    scores.push(item)
    return 'score'
  })
  return { scores, rest }
}

const tasks = [tokenClassification, questionAnswering, zeroShotClassification, fillMask] as unknown as readonly Task[]

describe.each(tasks.map((task) => ({ task, golden: readGolden(task.name), name: task.name })))('$name', (given) => {
  const { task, golden } = given

  it('is held to at least 200 inputs of the reference', () => {
    expect(golden.reference).toMatch(/^transformers 4\.57\./)
    expect(new Set(golden.cases.map(({ inputs }) => JSON.stringify(inputs))).size).toBeGreaterThanOrEqual(200)
  })

  it('asks for the same passes and gives the same answers', () => {
    golden.cases.forEach((example, index) => {
      expectEqual(withoutExtras(task, example, answerOf(task, golden, example)), example.answer, `case ${index}`)
    })
  })
})

/** Without `entity_group` of strategy none, which the reference does not send. */
function withoutExtras(task: Task, { parameters }: GoldenCase, answer: unknown): unknown {
  if (task.name !== tokenClassification.name || parameters.aggregation_strategy !== 'none') return answer
  return (answer as { entity_group?: string }[]).map(({ entity_group: _, ...token }) => token)
}

/** Answers with offsets: [the text they count in, answers]. */
function located({ inputs, answer }: GoldenCase): [string, { start: number; end: number; answer?: string }[]] {
  const text = typeof inputs === 'string' ? inputs : (inputs as { context: string }).context
  return [text, [answer].flat() as { start: number; end: number; answer?: string }[]]
}

describe.each([tokenClassification, questionAnswering] as unknown as Task[])('$name', (task) => {
  const golden = readGolden(task.name)

  it('with offset_type utf16 gives the same answers where JavaScript counts them', () => {
    for (const example of golden.cases) {
      const parameters = { ...example.parameters, offset_type: 'utf16' }
      const [text, answers] = located(example)
      const points = [...text]
      const units = (offset: number) => points.slice(0, offset).join('').length
      const moved = answers.map((answer) => ({ ...answer, start: units(answer.start), end: units(answer.end) }))
      const expected = Array.isArray(example.answer) ? moved : moved[0]
      const actual = withoutExtras(task, example, answerOf(task, golden, { ...example, parameters }))
      expectEqual(actual, expected)
      for (const { start, end, answer } of [actual].flat() as typeof answers) {
        if (answer !== undefined) expect(text.slice(start, end)).toBe(answer)
      }
    }
  })
})

it('token-classification reads long text with an overlap of 64 when no stride is given', () => {
  const golden = readGolden('token-classification')
  const long = golden.cases.filter(({ max_length, parameters }) => max_length === 512 && parameters.stride === 64)
  expect(long.length).toBeGreaterThan(0)
  for (const example of long) {
    const { stride: _, ...parameters } = example.parameters
    expectEqual(answerOf(tokenClassification as unknown as Task, golden, { ...example, parameters }), example.answer)
  }
})
