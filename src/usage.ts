/** What one request cost. Filled in along the way, read once at the end (Server-Timing, x-headers). */

/** Phases in the order of a request; milliseconds of wall clock. In production Workers CPU work shows as 0. */
export const PHASES = ['bytes', 'session', 'tokenize', 'encode', 'head', 'decode'] as const
export type Phase = (typeof PHASES)[number]

export class Usage {
  readonly milliseconds: Record<Phase, number> = { bytes: 0, session: 0, tokenize: 0, encode: 0, head: 0, decode: 0 }
  readonly started = performance.now()
  /** Inputs of all task runs. */
  inputs = 0
  /** What they went to: vectors, or a head. */
  kind: 'embed' | 'predict' = 'embed'
  /** Code points of the inputs. */
  characters = 0
  /** Encoder runs. */
  passes = 0
  /** Tokens that went through the encoder. */
  tokens = 0
  /** Inputs that were cut to the model's maximum. */
  truncated = 0
  readonly warnings = new Set<string>()
  readonly #alive: () => void

  /** @param alive called while the request is worked on or waits for its turn */
  constructor(alive: () => void = () => {}) {
    this.#alive = alive
  }

  stayAlive(): void {
    this.#alive()
  }

  add(phase: Phase, since: number): void {
    this.milliseconds[phase] += performance.now() - since
  }

  /** Runs synchronous work and books its time. */
  measure<T>(phase: Phase, work: () => T): T {
    const start = performance.now()
    try {
      return work()
    } finally {
      this.add(phase, start)
    }
  }

  async measureAsync<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.add(phase, start)
    }
  }
}
