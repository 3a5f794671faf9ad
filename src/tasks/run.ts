/** Runs tasks: drives their steps against a model, under the token limits of a request. */
import { invalid } from '../errors.ts'
import type { Usage } from '../usage.ts'
import type { Pass, Reading, Steps, Task, TaskModel } from './task.ts'

/** A model that can run passes. */
export interface RunnableModel extends TaskModel {
  run(pass: Pass, usage: Usage): Promise<Reading>
}

export interface TokenLimits {
  /** All inputs of a request together. */
  readonly batch: number
  /** One text that is read by windows. */
  readonly windowed: number
}

/** The event loop gets a turn after so many tokens, so that a long batch does not hold up short requests. */
const TOKENS_PER_TURN = 128

/**
 * Answers each input on its own: nothing of an answer depends on what came with it.
 * @returns one answer per input, in order
 * @throws ServiceError('validation') with both numbers when the inputs have more tokens than allowed, before
 *   anything is run
 */
export async function runTask<Input, Parameters, Answer>(
  task: Task<Input, Parameters, Answer>,
  inputs: readonly Input[],
  parameters: Parameters,
  model: RunnableModel,
  limits: TokenLimits,
  usage: Usage,
): Promise<Answer[]> {
  const notes = {
    warn: (message: string) => void usage.warnings.add(message),
    truncated: () => {
      usage.truncated++
    },
  }
  const started = usage.measure('tokenize', () =>
    inputs.map((input) => {
      const steps = task.run(input, parameters, { model, notes })
      return { steps, first: steps.next() }
    }),
  )
  checkLimits(task, started, limits)
  const answers: Answer[] = []
  const turn = eventLoopTurns()
  for (const { steps, first } of started) answers.push(await finish(steps, first, model, usage, turn))
  return answers
}

async function finish<Answer>(
  steps: Steps<Answer>,
  first: IteratorResult<readonly Pass[], Answer>,
  model: RunnableModel,
  usage: Usage,
  turn: (tokens: number) => Promise<void>,
): Promise<Answer> {
  let step = first
  while (!step.done) {
    const readings: Reading[] = []
    for (const pass of step.value) {
      await turn(pass.encoding.length)
      readings.push(await model.run(pass, usage))
    }
    step = usage.measure('decode', () => steps.next(readings))
  }
  return step.value
}

function checkLimits(
  task: { readonly windowed: boolean },
  started: readonly { first: IteratorResult<readonly Pass[], unknown> }[],
  limits: TokenLimits,
): void {
  let total = 0
  for (const { first } of started) {
    const passes = first.done ? [] : first.value
    const tokens = passes.reduce((sum, pass) => sum + pass.encoding.length, 0)
    if (task.windowed && tokens > limits.windowed) throw overLimit('each of `inputs`', limits.windowed, tokens)
    total += tokens
  }
  if (total > limits.batch) throw overLimit('`inputs`', limits.batch, total)
}

function overLimit(what: string, limit: number, given: number) {
  return invalid(`${what} must have at most ${limit} tokens in all. Given: ${given}`, 'inputs')
}

function eventLoopTurns(): (tokens: number) => Promise<void> {
  let since = 0
  return async (tokens) => {
    if (since >= TOKENS_PER_TURN) {
      since = 0
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    since += tokens
  }
}
