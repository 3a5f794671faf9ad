/** What the app needs from its surroundings; index.ts makes it from Cloudflare's bindings, tests from anything. */
import type { ModelLibrary } from '../model/library.ts'
import type { TokenLimits } from '../tasks/run.ts'
import type { Task } from '../tasks/task.ts'
import type { InFlight } from './in-flight.ts'

export interface Ports {
  readonly library: ModelLibrary
  /** Ids of the models that GET /v1/models lists. */
  readonly models: readonly string[]
  /** The model that answers a task of each role when the request names none. */
  readonly defaults: Readonly<Record<Task['role'], string>>
  /** Whether models also answer to the aliases in their manifests (text-embedding-3-small and the like). */
  readonly aliases: boolean
  readonly tokens: TokenLimits
  /** The most inputs in one request. */
  readonly maxInputs: number
  readonly maxBodyBytes: number
  readonly inFlight: InFlight
  /** The key that callers must send; null leaves the Worker open. */
  readonly apiKey: string | null
  /** A file of assets/, or null where there is none. */
  readonly asset: (path: string) => Promise<string | null>
  /** A file of the page as it is served, 304 included where the request's headers ask for that. */
  readonly pageFile: (name: string, request: Headers) => Promise<Response>
}
