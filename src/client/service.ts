/**
 * The Worker as another Worker of the account sees it over a service binding (RPC). Types only:
 *
 * ```toml
 * [[services]]
 * binding = "BERT"
 * service = "edge-bert"
 * entrypoint = "EdgeBert"
 * ```
 * ```ts
 * import type { EdgeBertService } from 'edge-bert/client'
 *
 * interface Env { BERT: EdgeBertService }
 * const [best] = await env.BERT.fillMask('The capital of France is [MASK].', { top_k: 1 })
 * ```
 *
 * A call that fails throws an error with `name` "ServiceError", `kind` and `message`. A caller with an old
 * compatibility date needs the flag enhanced_error_serialization for that; without it only the message arrives.
 */
import type { ErrorKind } from '../errors.ts'
import type { Answers, Inputs, Rest, TaskName } from './tasks.ts'

export interface ServiceOptions {
  /** Id or alias of a model; default: the task's own. */
  readonly model?: string
}

/** What `catch` gets. */
export interface ServiceCallError extends Error {
  readonly name: 'ServiceError'
  readonly kind: ErrorKind
  /** The field at fault, where there is one. */
  readonly param?: string
}

/** A task's answer and what it cost. */
export interface Detailed<T> {
  readonly answer: T
  /** Inputs that were cut to the model's maximum. */
  readonly truncated: number
  readonly warnings: readonly string[]
  readonly tokens: number
}

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** One method for each task, by its name in camel case. */
export type TaskMethods = {
  [Name in TaskName as CamelCase<Name>]: <const Given extends Inputs<Name>>(
    inputs: Given,
    ...rest: Rest<Name, ServiceOptions>
  ) => Promise<Answers<Name, Given>>
}

export interface EdgeBertService extends TaskMethods {
  /** Any task by name. */
  task<Name extends TaskName, const Given extends Inputs<Name>>(
    name: Name,
    inputs: Given,
    ...rest: Rest<Name, ServiceOptions>
  ): Promise<Answers<Name, Given>>
  /** As `task`, with what the call cost and what it has to remark. */
  detailed<Name extends TaskName, const Given extends Inputs<Name>>(
    name: Name,
    inputs: Given,
    ...rest: Rest<Name, ServiceOptions>
  ): Promise<Detailed<Answers<Name, Given>>>
  /** As `env.AI.run` of Workers AI: embeddings, rerank and classification, by model and inputs. */
  run(model: string, inputs: Readonly<Record<string, unknown>>): Promise<unknown>
}
