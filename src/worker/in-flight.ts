/** A bound on what one isolate works on at the same time: requests, and bytes of what they brought. */
import { ServiceError } from '../errors.ts'

export interface InFlightLimits {
  readonly requests: number
  /** Bytes of their bodies together: memory is shared by all of them. */
  readonly bytes: number
}

/** A request whose client went away may be cancelled without a word; it is not counted for longer than this. */
const FORGOTTEN_MS = 60_000

export class InFlight {
  readonly limits: InFlightLimits
  readonly #running = new Set<{ readonly bytes: number; readonly since: number }>()

  constructor(limits: InFlightLimits) {
    this.limits = limits
  }

  /** @throws ServiceError('overloaded') with the numbers when there is no room */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    this.#forget()
    const { requests, bytes: most } = this.limits
    const inAll = [...this.#running].reduce((sum, other) => sum + other.bytes, bytes)
    if (this.#running.size >= requests) throw busy(`${this.#running.size} requests in flight, at most ${requests}`)
    if (inAll > most) throw busy(`${inAll} bytes of bodies in flight, at most ${most}`)
    const request = { bytes, since: Date.now() }
    this.#running.add(request)
    try {
      return await work()
    } finally {
      this.#running.delete(request)
    }
  }

  #forget(): void {
    for (const request of this.#running) {
      if (Date.now() - request.since < FORGOTTEN_MS) break
      this.#running.delete(request)
    }
  }
}

function busy(numbers: string): ServiceError {
  return new ServiceError('overloaded', `Model is overloaded: ${numbers}; try again`)
}
