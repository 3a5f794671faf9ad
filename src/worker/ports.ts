/** What the app needs from its surroundings; index.ts makes it from Cloudflare's bindings, tests from anything. */
import type { ModelLibrary } from '../model/library.ts'
import type { TokenLimits } from '../tasks/run.ts'
import type { Task } from '../tasks/task.ts'

export interface Ports {
  readonly library: ModelLibrary
  /** Ids of the models that GET /v1/models lists. */
  readonly models: readonly string[]
  /** The model that answers a task of each role when the request names none. */
  readonly defaults: Readonly<Record<Task['role'], string>>
  readonly tokens: TokenLimits
  /** The most inputs in one request. */
  readonly maxInputs: number
  readonly maxBodyBytes: number
}
