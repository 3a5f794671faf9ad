/**
 * Several tasks on one text, for one encoder pass where they all read the same sequence. The sub-tasks run in
 * lockstep: of all the passes they ask for in a round, those over the same tokens become one that reads for all.
 * Answers are those of the tasks on their own.
 *
 * Only tasks that read a single text can be analyzed; pairs, lists and generation need passes of their own. A long
 * text that one task cuts and another reads by windows shares what windows are equal to the cut text.
 */
import { z } from 'zod'
import { invalid, ServiceError } from '../errors.ts'
import { defineTask, type Pass, type Reading, type RowSelection, type Task } from './task.ts'
import { shown, text } from './text.ts'

const MAX_TASKS = 16

const parameters = z.looseObject({
  tasks: z.array(z.string()).min(1).max(MAX_TASKS).describe('Names of tasks that read a single text.'),
  task_parameters: z
    .preprocess(limitKeys, z.record(z.string(), z.record(z.string(), z.unknown())))
    .nullish()
    .describe('Parameters by task name; they win over those given for all.'),
})

/** Before zod looks at what the keys have: it would hold an issue for each. Told as a list's length is. */
function limitKeys(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value !== 'object' || value === null) return value
  const input = Object.keys(value)
  if (input.length <= MAX_TASKS) return value
  context.addIssue({ code: 'too_big', origin: 'array', maximum: MAX_TASKS, input })
  return z.NEVER
}

/** One answer by each task's name, and what the sharing saved. */
export interface Analysis {
  [task: string]: unknown
  /** Encoder passes that were made, and that the tasks would have made one by one. */
  usage: { passes: number; passes_alone: number }
}

/** @param all the tasks to choose from; those that cannot be analyzed are refused by name */
export function analyze(all: readonly Task[]): Task<string, z.infer<typeof parameters>, Analysis> {
  const known = new Map(all.filter(readsOneText).map((task) => [task.name, task]))

  return defineTask({
    name: 'analyze',
    description: 'Several tasks on one text, for the price of one encoder pass where they can share it.',
    input: text,
    parameters,

    *run(input, { tasks, task_parameters, ...shared }, context) {
      const cut = new Set<string>()
      const notes = { ...context.notes, truncated: () => void cut.add(input) }
      const runs = [...new Set(tasks)].map((name) => {
        const task = known.get(name)
        if (!task) throw refuse(name, all, known)
        const given = parse(task, { ...shared, ...task_parameters?.[name] })
        return named(name, () => {
          const steps = task.run(input, given, { ...context, notes })
          return { name, steps, step: steps.next() }
        })
      })
      if (cut.size > 0) context.notes.truncated()
      const usage = { passes: 0, passes_alone: 0 }
      const unshared = new Map<string, number>()
      for (;;) {
        const asked = runs.flatMap((run) => (run.step.done ? [] : run.step.value.map((pass) => ({ run, pass }))))
        if (asked.length === 0 && runs.every(({ step }) => step.done)) break
        const { merged, serves } = merge(asked.map(({ pass }) => pass))
        usage.passes += merged.length
        usage.passes_alone += asked.length
        const readings = yield merged
        for (const run of runs) {
          if (run.step.done) continue
          const own = serves.filter((_, i) => asked[i]?.run === run)
          run.step = named(run.name, () => run.steps.next(own.map((index) => readings[index] as Reading)))
          const alone = own.filter((index) => serves.filter((other) => other === index).length === 1).length
          unshared.set(run.name, (unshared.get(run.name) ?? 0) + alone)
        }
      }
      if (runs.length > 1) {
        for (const [name, passes] of unshared)
          if (passes > 0)
            context.notes.warn(`${name} needed ${passes === 1 ? 'a pass' : `${passes} passes`} of its own`)
      }
      return { ...Object.fromEntries(runs.map(({ name, step }) => [name, step.value])), usage }
    },
  })
}

/** Takes a text as it is, has a head (embeddings are another model's work) and passes that a request can foresee. */
function readsOneText(task: Task): boolean {
  return task.role === 'multitask' && task.batch && task.input.safeParse('text').success
}

function refuse(name: string, all: readonly Task[], known: ReadonlyMap<string, Task>): ServiceError {
  const exists = all.some((task) => task.name === name)
  const why = exists ? `${name} needs passes of its own: call it alone` : `unknown task "${shown(name)}"`
  return invalid(`\`tasks\`: ${why}. Tasks that can be analyzed: ${[...known.keys()].join(', ')}`, 'tasks')
}

function parse(task: Task, value: unknown): unknown {
  const result = task.parameters.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path ?? []
  const found = path.reduce(
    (inside: unknown, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  const given = found === undefined || typeof found === 'object' ? '' : `. Given: ${shown(String(found))}`
  throw invalid(`${task.name}: \`${['parameters', ...path].join('.')}\` ${issue?.message}${given}`, 'task_parameters')
}

/** Puts the sub-task's name before the message of an error of its own. */
function named<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    throw new ServiceError(error.kind, `${name}: ${error.message}`, {
      cause: error,
      ...(error.param ? { param: error.param } : {}),
    })
  }
}

/**
 * Passes over equal ids and token types become one with the union of their reads. A head that two of them read at
 * different rows goes into another pass: what a quantized head makes of a row depends on the rows beside it.
 *
 * @returns the passes to make, and for each given pass the index of the one that serves it
 */
export function merge(passes: readonly Pass[]): { merged: Pass[]; serves: number[] } {
  const merged: Pass[] = []
  const serves = passes.map((pass) => {
    const found = merged.findIndex((other) => canShare(pass, other))
    if (found === -1) return merged.push(pass) - 1
    const { encoding, reads } = merged[found] as Pass
    merged[found] = { encoding, reads: { ...reads, ...pass.reads } }
    return found
  })
  return { merged, serves }
}

function canShare(a: Pass, b: Pass): boolean {
  return (
    sameNumbers(a.encoding.ids, b.encoding.ids) &&
    sameNumbers(a.encoding.typeIds, b.encoding.typeIds) &&
    Object.entries(a.reads).every(([head, rows]) => sameRows(rows, b.reads[head] ?? rows))
  )
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function sameRows(a: RowSelection, b: RowSelection): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : sameNumbers(a, b)
}
