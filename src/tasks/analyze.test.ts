import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { invalid } from '../errors.ts'
import { analyze, merge } from './analyze.ts'
import { row } from './math.ts'
import { defineTask, type Pass, type RowSelection, type Rows, type Task } from './task.ts'
import { encodeText, text, truncation } from './text.ts'

/** A task that answers with the first number its head gives, after so many rounds. */
function head(name: string, rows: RowSelection = 'cls', rounds = 1, before = ''): Task {
  return defineTask({
    name,
    description: '',
    input: text,
    parameters: z.object({ ...truncation, top_k: z.int().max(5).nullish() }),
    *run(input, options, context) {
      const numbers: number[] = []
      for (let round = 0; round < rounds; round++) {
        const encoding = encodeText(context, before.repeat(round + 1) + input, options)
        const [reading] = yield [{ encoding, reads: { [name]: rows } }]
        numbers.push(row(reading?.[name] as Rows, 0)[0] as number)
      }
      if (input === 'bad') throw invalid('this text is bad')
      return { numbers, top_k: options.top_k }
    },
  }) as unknown as Task
}

const pair = { ...head('pair'), input: z.object({ a: z.string() }) } as unknown as Task
const embedding = { ...head('embedding'), role: 'embedding' } as Task
const generation = { ...head('generation'), batch: false } as Task
const task = analyze([
  head('one'),
  head('two'),
  head('all', 'all'),
  head('slow', 'cls', 3),
  head('other', 'cls', 2, 'x '),
  pair,
  embedding,
  generation,
])

function ask(inputs: unknown, parameters: object, maxLength = 512) {
  const asked: string[] = []
  const outcome = tryTask(task, inputs, parameters, {
    maxLength,
    logits: (pass, index) => {
      asked.push(`${index}: ${Object.keys(pass.reads).join(' ')}`)
      return [[index]]
    },
  })
  return { ...outcome, asked: [...new Set(asked)] }
}

describe('analyze', () => {
  it('runs tasks that read the same text in one pass', () => {
    const { answer, passes, asked, warnings } = ask('a text', { tasks: ['one', 'two', 'all'] })
    expect(answer).toEqual({
      one: { numbers: [0], top_k: undefined },
      two: { numbers: [0], top_k: undefined },
      all: { numbers: [0], top_k: undefined },
      usage: { passes: 1, passes_alone: 3 },
    })
    expect(passes).toHaveLength(1)
    expect(asked).toEqual(['0: one two all'])
    expect(warnings).toEqual([])
  })

  it('goes on with tasks that need more rounds, and says which had passes of their own', () => {
    const { answer, passes, warnings } = ask('a text', { tasks: ['one', 'slow', 'other'] })
    // Round 1: the text (one, slow) and "x a text"; round 2: the text (slow) and "x x a text"; round 3: slow.
    expect(passes).toHaveLength(5)
    expect(answer.usage).toEqual({ passes: 5, passes_alone: 6 })
    expect(answer.slow.numbers).toEqual([0, 2, 4])
    expect(answer.other.numbers).toEqual([1, 3])
    expect(warnings).toEqual(['slow needed 2 passes of its own', 'other needed 2 passes of its own'])
  })

  it('gives each task its own parameters over those for all', () => {
    const { answer } = ask('a', { tasks: ['one', 'two'], top_k: 2, task_parameters: { two: { top_k: 3 } } })
    expect([answer.one.top_k, answer.two.top_k]).toEqual([2, 3])
  })

  it('runs a task once that is named twice, and counts a cut text once', () => {
    const { answer, truncated } = ask('w '.repeat(20), { tasks: ['one', 'two', 'one'] }, 16)
    expect(answer.usage).toEqual({ passes: 1, passes_alone: 2 })
    expect(truncated).toBe(1)
  })

  const choices = 'Tasks that can be analyzed: one, two, all, slow, other'
  it.each([
    [{ tasks: ['one', 'nope'] }, `unknown task "nope". ${choices}`],
    [{ tasks: ['pair'] }, `pair needs passes of its own: call it alone. ${choices}`],
    [{ tasks: ['embedding'] }, `embedding needs passes of its own: call it alone. ${choices}`],
    [{ tasks: ['generation'] }, `generation needs passes of its own: call it alone. ${choices}`],
    [{ tasks: ['one'], task_parameters: { one: { top_k: 9 } } }, 'one: `parameters.top_k`'],
    [{ tasks: ['one'], top_k: 9 }, 'one: `parameters.top_k`'],
    [{ tasks: [] }, '1'],
    [{ tasks: Array(17).fill('one') }, '16'],
    [{ tasks: Array(300_000).fill(1) }, '16'],
    [{ tasks: ['x'.repeat(41)] }, `unknown task "${'x'.repeat(40)}…"`],
    [{}, 'tasks'],
  ])('refuses %j', (parameters, message) => {
    expect(() => ask('a', parameters)).toThrow(message)
  })

  it('counts the parameters of tasks before it looks at them', () => {
    const task_parameters = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [i, 1]))
    const { error } = task.parameters.safeParse({ tasks: ['one'], task_parameters })
    expect(error?.issues).toMatchObject([{ code: 'too_big', maximum: 16, path: ['task_parameters'] }])
    expect(task.parameters.safeParse({ tasks: ['one'], task_parameters: { one: 1 } }).success).toBe(false)
    expect(task.parameters.safeParse({ tasks: ['one'], task_parameters: 7 }).success).toBe(false)
    expect(ask('a', { tasks: ['one'], task_parameters: null }).answer.one).toBeDefined()
  })

  it('names the task that cannot answer', () => {
    expect(() => ask('bad', { tasks: ['one', 'two'] })).toThrow('one: this text is bad')
    expect(() => ask('', { tasks: ['one'] })).toThrow('empty')
  })
})

describe('merge', () => {
  const pass = (value: string, reads: Pass['reads'], pair?: string): Pass => ({
    encoding: tokenizer.encode(value, pair === undefined ? {} : { pair }),
    reads,
  })

  it('shares by ids and token types', () => {
    const { merged, serves } = merge([
      pass('a b', { x: 'cls' }),
      pass('a b', { y: 'all' }),
      pass('a c', { x: 'cls' }),
      pass('a', { x: 'cls' }, 'b'),
      pass('a [SEP] b', { x: 'cls' }),
    ])
    expect(serves).toEqual([0, 0, 1, 2, 3])
    expect(merged[0]?.reads).toEqual({ x: 'cls', y: 'all' })
  })

  it('keeps one head at different rows apart, and shares it at the same rows', () => {
    const passes = [
      pass('a', { x: 'cls' }),
      pass('a', { x: 'all' }),
      pass('a', { x: [0] }),
      pass('a', { x: [0], y: 'all' }),
    ]
    const { merged, serves } = merge(passes)
    expect(serves).toEqual([0, 1, 2, 2])
    expect(merged.map(({ reads }) => reads)).toEqual([{ x: 'cls' }, { x: 'all' }, { x: [0], y: 'all' }])
    // What was given is not changed.
    expect(passes[2]?.reads).toEqual({ x: [0] })
  })
})
