/**
 * What all requests share and one of them makes: a vocabulary that each of a hundred cold requests read for itself would
 * not fit into an isolate. Nothing but finished values is shared, since a promise made in one request must not be
 * awaited in another (workerd may cancel it with the request); the others look again with timers of their own.
 */
import { STALL_MS, untilNextLook } from './waiting.ts'

export class Once<T> {
  readonly #made = new Map<string, T>()
  /** When the request that makes a value began. */
  readonly #since = new Map<string, number>()

  /**
   * The value of a key, made by the first who asks. Who has not made it in STALL_MS is taken for gone.
   * @param keep told of a value that stays
   * @param waiting called while another request makes it
   * @throws what `make` throws; the next who asks tries again
   */
  async get(key: string, make: () => Promise<T>, keep: (value: T) => void, waiting = () => {}): Promise<T> {
    for (; !this.#made.has(key) && this.#isBeingMade(key); waiting()) {
      await untilNextLook()
    }
    if (!this.#made.has(key)) await this.#make(key, make, keep)
    return this.#made.get(key) as T
  }

  #isBeingMade(key: string): boolean {
    const since = this.#since.get(key)
    return since !== undefined && Date.now() - since < STALL_MS
  }

  async #make(key: string, make: () => Promise<T>, keep: (value: T) => void): Promise<void> {
    this.#since.set(key, Date.now())
    try {
      const value = await make()
      if (this.#made.has(key)) return // by who was taken for gone
      this.#made.set(key, value)
      keep(value)
    } finally {
      this.#since.delete(key)
    }
  }
}
