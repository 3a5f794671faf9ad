/** Runs a task on the default vocabulary and on numbers that the test makes up: no weights, no runtime. */
import { readFileSync } from 'node:fs'
import { nothingAsked } from '../../src/tasks/run.ts'
import type { Pass, Reading, RowSelection, Task, TaskModel } from '../../src/tasks/task.ts'
import { BertTokenizer, Vocab } from '../../src/tokenizer/index.ts'

export const tokenizer: BertTokenizer = BertTokenizer.fromVocab(
  Vocab.fromText(readFileSync('assets/models/multitask-minilm/vocab.txt', 'utf8')),
)

export interface Trial {
  readonly labels?: readonly string[]
  /** The model's only head, for this task; without it every head is there. */
  readonly ownHead?: { readonly name: string; readonly task: string; readonly isMultiLabel?: boolean }
  readonly maxLength?: number
  readonly maxTextTokens?: number
  /** Logits of one pass for the rows that the task reads, row by row. */
  readonly logits: (pass: Pass, index: number, rows: RowSelection) => readonly (readonly number[])[] | Reading[string]
}

export interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly answer: any
  readonly passes: readonly Pass[]
  /** How often the task said that it cut an input. */
  readonly truncated: number
  readonly warnings: readonly string[]
}

/** @throws what validation or the task throws */
export function tryTask<I, P, A>(task: Task<I, P, A>, inputs: unknown, parameters: unknown, trial: Trial): Outcome {
  const warnings: string[] = []
  let truncated = 0
  const model: TaskModel = {
    id: 'test',
    maxLength: trial.maxLength ?? 512,
    hiddenSize: 384,
    pooling: 'mean',
    tokenizer,
    labels: () => trial.labels ?? [],
    hasHead: (name) => !trial.ownHead || trial.ownHead.name === name,
    headsFor: (name) => (trial.ownHead?.task === name ? [trial.ownHead.name] : []),
    isMultiLabel: () => trial.ownHead?.isMultiLabel ?? false,
  }
  const notes = {
    warn: (message: string) => void warnings.push(message),
    truncated: () => {
      truncated++
    },
  }
  const steps = task.run(task.input.parse(inputs), task.parameters.parse(parameters), {
    model,
    notes,
    maxTextTokens: trial.maxTextTokens ?? 8192,
    asked: nothingAsked(),
  })
  const passes: Pass[] = []
  let step = steps.next()
  while (!step.done) {
    const first = passes.length
    passes.push(...step.value)
    step = steps.next(step.value.map((pass, index) => read(pass, first + index, trial)))
  }
  return { answer: step.value, passes, truncated, warnings }
}

function read(pass: Pass, index: number, trial: Trial): Reading {
  return Object.fromEntries(
    Object.entries(pass.reads).map(([head, selection]) => {
      const made = trial.logits(pass, index, selection)
      return [head, 'data' in made ? made : toRows(made)]
    }),
  )
}

function toRows(rows: readonly (readonly number[])[]): Reading[string] {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 }
}
