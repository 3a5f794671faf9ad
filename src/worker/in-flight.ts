/** A bound on what one isolate works on at the same time: requests, and bytes of what they brought. */
import { ServiceError } from '../errors.ts'

export interface InFlightLimits {
  readonly requests: number
  /** Bytes of their bodies together: memory is shared by all of them. */
  readonly bytes: number
}

/** A request whose client went away may be cancelled without a word: without a sign of life it is counted so long. */
const FORGOTTEN_MS = 60_000

/** A request's share of the bound: its own until its work is done and its answer is sent. */
export class Place {
  /** What the request brought; until its body is read, the most that it may be. */
  bytes: number
  #alive = Date.now()
  #holders = 1
  readonly #running: Set<Place>

  constructor(bytes: number, running: Set<Place>) {
    this.bytes = bytes
    this.#running = running
    running.add(this)
  }

  get isForgotten(): boolean {
    return Date.now() - this.#alive >= FORGOTTEN_MS
  }

  /** Called with each pass, with each turn that is waited for, and with each piece of the answer that is read. */
  stayAlive(): void {
    this.#alive = Date.now()
  }

  /** One more has to leave before the place is free. */
  hold(): void {
    this.#holders++
  }

  leave(): void {
    if (--this.#holders === 0) this.#running.delete(this)
  }
}

export class InFlight {
  readonly limits: InFlightLimits
  readonly #running = new Set<Place>()

  constructor(limits: InFlightLimits) {
    this.limits = limits
  }

  /** @throws ServiceError('overloaded') with the numbers when there is no room */
  enter(bytes: number): Place {
    for (const place of this.#running) if (place.isForgotten) this.#running.delete(place)
    const { requests, bytes: most } = this.limits
    const inAll = [...this.#running].reduce((sum, other) => sum + other.bytes, bytes)
    if (this.#running.size >= requests) throw busy(`${this.#running.size} requests in flight, at most ${requests}`)
    if (inAll > most) throw busy(`${inAll} bytes of bodies in flight, at most ${most}`)
    return new Place(bytes, this.#running)
  }

  /** @throws as `enter` */
  async run<T>(bytes: number, work: (place: Place) => Promise<T>): Promise<T> {
    const place = this.enter(bytes)
    try {
      return await work(place)
    } finally {
      place.leave()
    }
  }
}

function busy(numbers: string): ServiceError {
  return new ServiceError('overloaded', `Model is overloaded: ${numbers}; try again`)
}
