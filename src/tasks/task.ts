/**
 * What a task is. A task is pure: it turns an input into encoder passes and the numbers that come back into an
 * answer, in the shapes of the Hugging Face hub's task specifications. It knows no HTTP, no bindings and no runtime.
 */
import type { ZodType } from 'zod'
import type { Rows } from '../model/engine.ts'
import type { Pooling, RowSelection } from '../model/pooling.ts'
import type { BertTokenizer, Encoding } from '../tokenizer/index.ts'

export type { Pooling, RowSelection, Rows }

/** The name under which a pass asks for rows of last_hidden_state itself instead of a head's logits. */
export const HIDDEN = 'hidden'

/** One run of the encoder over one sequence, and what to read from it: head name (or HIDDEN) → rows. */
export interface Pass {
  readonly encoding: Encoding
  readonly reads: Readonly<Record<string, RowSelection>>
}

/** What a pass gave: head name → logits [rows, labels], or HIDDEN → [rows, hidden_size]. */
export type Reading = Readonly<Record<string, Rows>>

/**
 * The steps of a task: yields the passes it needs, receives one reading per pass in the same order, returns the
 * answer. Most tasks yield once; generation yields once a round.
 */
export type Steps<Answer> = Generator<readonly Pass[], Answer, readonly Reading[]>

/** What a task may know of the model it runs on. */
export interface TaskModel {
  readonly id: string
  /** Longest sequence in tokens, special tokens included. */
  readonly maxLength: number
  readonly hiddenSize: number
  readonly pooling: Pooling
  readonly tokenizer: BertTokenizer
  /** Labels of a head in logit order; throws `ServiceError('validation')` that names the heads there are. */
  labels(head: string): readonly string[]
  hasHead(head: string): boolean
  /** Heads whose manifest entry names this task, in its order. */
  headsFor(task: string): readonly string[]
  /** Each label of the head has a probability of its own (`problem_type` of transformers' config). */
  isMultiLabel(head: string): boolean
}

/** What a task may say beside its answer. */
export interface TaskNotes {
  /** A remark the caller should see (header x-warning). */
  warn(message: string): void
  /** An input was cut to the model's maximum (header x-truncated counts them). */
  truncated(): void
}

export interface Asked {
  /** Of fill-mask: what it answers, and how often it reads a mask. */
  candidates: number
  masks: number
  /** Tokens of all passes of joint fills. */
  jointTokens: number
  /** Of texts that an answer repeats. */
  characters: number
  /** Of texts that are read once for each label or choice. */
  readAgain: number
}

export interface TaskContext {
  readonly model: TaskModel
  readonly notes: TaskNotes
  /** Most tokens of one input that is read by windows, special tokens included; see `checkLongText`. */
  readonly maxTextTokens: number
  /** What the inputs of the request ask for so far; a task that can take or answer very much adds to it and limits it. */
  readonly asked: Asked
}

/**
 * @typeParam Input  one input, as `inputs` of the request after validation
 * @typeParam Parameters  `parameters` of the request after validation, defaults filled in
 */
export interface Task<Input = unknown, Parameters = unknown, Answer = unknown> {
  /** The hub's name of the task; also its path. */
  readonly name: string
  /** One sentence for the API reference. */
  readonly description: string
  readonly input: ZodType<Input>
  readonly parameters: ZodType<Parameters>
  /** Which default model answers when the request names none. */
  readonly role: 'multitask' | 'embedding'
  /** A lone input is answered like a batch of one (`[answer]`), as the hub's clients expect of some tasks. */
  readonly listed: boolean
  /** True when `inputs` may also be an array of inputs. */
  readonly batch: boolean
  run(input: Input, parameters: Parameters, context: TaskContext): Steps<Answer>
}

type Defaults = 'role' | 'listed' | 'batch'

/** Fills in what most tasks share and infers the types; no logic. */
export function defineTask<Input, Parameters, Answer>(
  task: Omit<Task<Input, Parameters, Answer>, Defaults> & Partial<Pick<Task, Defaults>>,
): Task<Input, Parameters, Answer> {
  return { role: 'multitask', listed: false, batch: true, ...task }
}
