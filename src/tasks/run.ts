/** Runs tasks: drives their steps against a model, under the token limits of a request. */
import { invalid, ServiceError } from '../errors.ts'
import type { Usage } from '../usage.ts'
import type { Asked, Pass, Reading, Steps, Task, TaskModel } from './task.ts'

/** A model that can run passes. */
export interface RunnableModel extends TaskModel {
  run(pass: Pass, usage: Usage): Promise<Reading>
}

export interface TokenLimits {
  /** All passes of a request together. */
  readonly batch: number
  /** One text that is read by windows: its own tokens, however much the windows overlap. */
  readonly windowed: number
}

/** The steps of one input, and what they asked for first. */
interface Started<Answer> {
  readonly steps: Steps<Answer>
  readonly first: IteratorResult<readonly Pass[], Answer>
}

/** Inputs over the token limit are counted to so many times the limit. */
const COUNTED = 4

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
  const context = { model, notes, maxTextTokens: limits.windowed, asked: nothingAsked() }
  const started: Started<Answer>[] = []
  let total = 0
  usage.measure('tokenize', () => {
    for (const [i, input] of inputs.entries()) {
      const steps = task.run(input, parameters, context)
      const first = inputs.length === 1 ? steps.next() : naming(i, () => steps.next())
      for (const pass of first.done ? [] : first.value) total += pass.encoding.length
      // Over the limit the rest is only counted, so that it does not pile up, and far over it not even that.
      if (total <= limits.batch) started.push({ steps, first })
      else if (total > COUNTED * limits.batch) break
    }
  })
  if (total > limits.batch) {
    const given = `${total > COUNTED * limits.batch ? 'at least ' : ''}${total}`
    throw invalid(`\`inputs\` must have at most ${limits.batch} tokens in all. Given: ${given}`, 'inputs')
  }
  const answers: Answer[] = []
  const turn = eventLoopTurns()
  for (const one of started) answers.push(await finish(one, model, usage, turn))
  return answers
}

/** Names the input of a batch in an error of its own. */
function naming<T>(index: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ServiceError) || error.param !== 'inputs') throw error
    const name = `\`inputs[${index}]`
    const named = error.message.replaceAll(/(each of )?`inputs/g, name)
    const message = named === error.message ? `${name}\`: ${named}` : named
    throw new ServiceError(error.kind, message, { param: 'inputs', cause: error })
  }
}

export function nothingAsked(): Asked {
  return { candidates: 0, masks: 0, jointTokens: 0, characters: 0, readAgain: 0 }
}

async function finish<Answer>(
  { steps, first }: Started<Answer>,
  model: RunnableModel,
  usage: Usage,
  turn: (tokens: number) => Promise<void>,
): Promise<Answer> {
  let step = first
  while (!step.done) {
    const readings: Reading[] = []
    for (const pass of step.value) {
      await turn(pass.encoding.length)
      usage.stayAlive()
      readings.push(await model.run(pass, usage))
    }
    step = usage.measure('decode', () => steps.next(readings))
  }
  return step.value
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
