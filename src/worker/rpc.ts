/**
 * The Worker for other Workers of the account, over a service binding (RPC): tasks as methods, without HTTP or key,
 * and `run` as Workers AI's binding has it. The contract is EdgeBertService in src/client/service.ts.
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type { Detailed, ServiceOptions, TaskMethods } from '../client/service.ts'
import { invalid, messageOf, ServiceError } from '../errors.ts'
import { registry } from '../tasks/registry.ts'
import { Usage } from '../usage.ts'
import { runWorkersAi } from './api/workers-ai.ts'
import { answerAll, type Call, resolveModel, resolveTask } from './inference.ts'
import { portsOf } from './isolate.ts'

/** The methods of single tasks are added below, from the registry. */
const Entrypoint = WorkerEntrypoint as unknown as new (
  context: ExecutionContext,
  env: Env,
) => WorkerEntrypoint<Env> & TaskMethods

export class EdgeBert extends Entrypoint {
  async task(name: string, inputs: unknown, parameters?: unknown, options?: ServiceOptions): Promise<unknown> {
    return (await this.detailed(name, inputs, parameters, options)).answer
  }

  /** Validated like a request's body: a caller's types are promises of another build. */
  detailed(name: string, inputs: unknown, parameters?: unknown, options?: ServiceOptions): Promise<Detailed<unknown>> {
    return this.#serve([inputs, parameters], async (call) => {
      const task = resolveTask(name)
      const model = await resolveModel(call, options?.model, task.role)
      const isBatch = task.batch && Array.isArray(inputs)
      const answers = await answerAll(call, { task, model, inputs: isBatch ? inputs : [inputs], parameters })
      const { truncated, warnings, tokens } = call.usage
      return { answer: isBatch ? answers : answers[0], truncated, warnings: [...warnings], tokens }
    })
  }

  run(model: string, inputs: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#serve(inputs, (call) => runWorkersAi(call, model, inputs ?? {}))
  }

  /** Under the isolate's bounds, with errors that survive the way to the caller. */
  async #serve<T>(given: unknown, work: (call: Call) => Promise<T>): Promise<T> {
    const ports = portsOf(this.env)
    const keepAlive = (promise: Promise<unknown>) => this.ctx.waitUntil(promise)
    try {
      const bytes = lengthOf(given)
      if (bytes > ports.maxBodyBytes) throw tooLarge(ports.maxBodyBytes, bytes)
      return await ports.inFlight.run(bytes, (place) =>
        work({ ports, usage: new Usage(() => place.stayAlive()), keepAlive }),
      )
    } catch (thrown) {
      throw toCaller(thrown)
    }
  }
}

for (const name of registry.keys()) {
  const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  Object.defineProperty(EdgeBert.prototype, camelCase, {
    value(this: EdgeBert, ...given: [unknown, unknown?, ServiceOptions?]) {
      return this.task(name, ...given)
    },
  })
}

/** Characters as JSON; what crosses to here may be a bigint, a cycle or nothing, which JSON has not. */
function lengthOf(given: unknown): number {
  try {
    return (JSON.stringify(given) ?? '').length
  } catch (cause) {
    throw invalid(`the arguments must be JSON: ${messageOf(cause)}`, 'inputs')
  }
}

function tooLarge(limit: number, given: number): ServiceError {
  return new ServiceError('too-large', `the arguments must have at most ${limit} characters as JSON. Given: ${given}`)
}

/** A plain Error with fields of its own is what crosses; nothing of an unknown error does. */
function toCaller(thrown: unknown): Error {
  if (!(thrown instanceof ServiceError)) console.error(thrown)
  const { kind, message, param } =
    thrown instanceof ServiceError ? thrown : new ServiceError('internal', 'internal error')
  return Object.assign(new Error(message), { name: 'ServiceError', kind, ...(param ? { param } : {}) })
}
