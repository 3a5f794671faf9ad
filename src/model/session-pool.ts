/**
 * Loaded graphs under a memory budget. WASM memory never shrinks, so what counts is the peak: graphs that were used
 * longest ago are released before memory for others is taken, and the bytes that JavaScript holds while a graph is
 * created are part of the sum.
 *
 * One request loads at a time and one runs at a time (there is one thread anyway): so the memory that a run needs is
 * taken once, and all graphs but its own can make room for it. The others wait with timers of their own. A promise
 * made in one request must not be awaited in another (workerd may cancel it with the request), so nothing but finished
 * graphs is shared. A loader or a runner that shows no progress for STALL_MS is taken for gone.
 */
import { messageOf, ServiceError } from '../errors.ts'
import type { Usage } from '../usage.ts'
import type { Engine, ExternalWeights, Graph } from './engine.ts'
import { unavailable } from './store.ts'
import { STALL_MS, untilNextLook } from './waiting.ts'

/** The largest graph (with weights) that may be staged in JavaScript beside a WASM heap at its limit. */
export const LARGEST_STAGE_BYTES = 12_500_000
/**
 * Kept free for what else JavaScript holds (`hold`): a tokenizer has 1.1 MB with its vocabulary, and cl100k_base, which
 * token arrays are decoded with, 1.5 MB.
 */
const HELD_BYTES = 3_000_000
/** Emscripten's least growth over its limit, see runtime.ts. */
const ALLOCATOR_STEP = 1.05
const PATIENCE_MS = 60_000

export interface GraphSource {
  /** Unique in the isolate. */
  readonly key: string
  /** Bytes the graph and its weights take once loaded, and while staged. */
  readonly bytes: number
  /** Fetches the graph's files; calls `alive` as bytes arrive. */
  fetch(alive: () => void): Promise<{ graph: Uint8Array<ArrayBuffer>; weights: ExternalWeights | null }>
}

/** Given work that must not end when its request does (waitUntil). */
export type KeepAlive = (work: Promise<unknown>) => void

/** The request that loads now: when it last showed progress, and the bytes it holds in JavaScript. */
interface Loader {
  alive: number
  staged: number
}

/** The request that runs now, and since when. */
interface Runner {
  readonly since: number
}

interface Slot {
  readonly graph: Graph
  readonly bytes: number
  lastUse: number
}

export interface Lease {
  graph(key: string): Graph
  release(): void
}

export class SessionPool {
  readonly budget: number
  readonly #engine: Engine
  readonly #slots = new Map<string, Slot>()
  #loader: Loader | null = null
  #runner: Runner | null = null
  #held = 0
  #peak = 0
  #largestStage = LARGEST_STAGE_BYTES
  #clock = 0
  /** Graphs created since the isolate began; tests show with it that nothing loads twice. */
  created = 0

  /** @param budget bytes for the WASM heap and what JavaScript holds beside it, together */
  constructor(engine: Engine, budget: number) {
    this.#engine = engine
    this.budget = budget
  }

  /**
   * Bytes over which the engine's heap should not grow: the largest stage still fits beside it, even after one of the
   * allocator's steps. Free memory lies in pieces, and where none is large enough for a tensor it takes a twentieth more,
   * or what is missing: 4 to 8.5 MB, measured for the head of 12 MB. Above 6 MB the budget is passed.
   */
  static heapLimit(budget: number): number {
    return Math.floor((budget - LARGEST_STAGE_BYTES - HELD_BYTES) / ALLOCATOR_STEP)
  }

  get heapBytes(): number {
    return this.#engine.heapBytes
  }

  /** Bytes that JavaScript holds for models: files being staged, and what `hold` was told of. */
  get jsBytes(): number {
    return (this.#loader?.staged ?? 0) + this.#held
  }

  /** The most that heap and JavaScript bytes were together. */
  get peakBytes(): number {
    return this.#peak
  }

  loaded(): { key: string; bytes: number }[] {
    return [...this.#slots].map(([key, { bytes }]) => ({ key, bytes }))
  }

  /** Counts bytes that stay in JavaScript (a tokenizer) as part of the budget. */
  hold(bytes: number): void {
    this.#held += bytes
    this.#notePeak()
  }

  /**
   * Loads what is not loaded yet.
   * @throws ServiceError('model-unavailable') when a graph cannot be loaded or does not fit,
   *   ServiceError('overloaded') when no room was had in time
   */
  async load(sources: readonly GraphSource[], usage: Usage, keepAlive: KeepAlive): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (let missing = this.#missing(sources); missing.length > 0; missing = this.#missing(sources)) {
      const loader = this.#becomeLoader()
      if (loader) {
        const load = this.#load(sources, loader, usage).finally(() => {
          if (this.#loader === loader) this.#loader = null
        })
        keepAlive(load.catch(() => {}))
        await load
      } else await wait(deadline, usage)
    }
  }

  /**
   * Graphs to run with, loaded if they are not; nobody else runs until they are released. Who was loading before goes
   * first where this run would throw out what it has loaded: the passes of a long batch would do that one after the other.
   * @param scratch bytes a run will need beside the weights
   * @throws as `load`
   */
  async lease(sources: readonly GraphSource[], scratch: number, usage: Usage, keepAlive: KeepAlive): Promise<Lease> {
    const deadline = Date.now() + PATIENCE_MS
    const ahead = this.#loader
    for (;;) {
      await this.load(sources, usage, keepAlive)
      if (this.#isRunning() || (this.#isLoading(ahead) && !this.#fits(scratch))) await wait(deadline, usage)
      else {
        while (!this.#fits(scratch) && this.#releaseOldest(sources)) {}
        if (this.#missing(sources).length === 0) return this.#grant(sources)
      }
    }
  }

  #missing(sources: readonly GraphSource[]): GraphSource[] {
    return sources.filter(({ key }) => !this.#slots.has(key))
  }

  #isLoading(loader: Loader | null): boolean {
    return loader !== null && loader === this.#loader && Date.now() - loader.alive < STALL_MS
  }

  #isRunning(): boolean {
    return this.#runner !== null && Date.now() - this.#runner.since < STALL_MS
  }

  #grant(sources: readonly GraphSource[]): Lease {
    const slots = new Map(sources.map(({ key }) => [key, this.#slots.get(key) as Slot]))
    const runner = { since: Date.now() }
    this.#runner = runner
    return {
      graph: (key) => (slots.get(key) as Slot).graph,
      release: () => {
        if (this.#runner === runner) this.#runner = null
        for (const slot of slots.values()) slot.lastUse = ++this.#clock
        this.#notePeak()
      },
    }
  }

  #becomeLoader(): Loader | null {
    if (this.#isLoading(this.#loader)) return null
    this.#loader = { alive: Date.now(), staged: 0 }
    return this.#loader
  }

  async #load(sources: readonly GraphSource[], loader: Loader, usage: Usage): Promise<void> {
    const missing = await this.#makeRoom(sources, loader)
    const total = sum(missing)
    const together = this.#engine.heapBytes + this.jsBytes + 2 * total <= SessionPool.heapLimit(this.budget)
    if (together) {
      const results = await usage.measureAsync('bytes', () =>
        Promise.allSettled(missing.map((source) => this.#stage(source, loader))),
      )
      const staged = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      const failed = results.find((result) => result.status === 'rejected')
      try {
        if (failed) throw failed.reason
        for (let item = staged.shift(); item; item = staged.shift()) await this.#create(item, usage)
      } finally {
        for (const item of staged) this.#drop(item)
      }
    } else {
      for (const source of missing) {
        await this.#create(await usage.measureAsync('bytes', () => this.#stage(source, loader)), usage)
      }
    }
  }

  async #stage(source: GraphSource, loader: Loader): Promise<Staged> {
    if (source.bytes > LARGEST_STAGE_BYTES && this.#engine.heapBytes + source.bytes > this.budget) {
      throw unavailable(`${source.key} has ${source.bytes} bytes in one stage; at most ${LARGEST_STAGE_BYTES} fit`)
    }
    loader.staged += source.bytes
    this.#largestStage = Math.max(this.#largestStage, source.bytes)
    this.#notePeak()
    try {
      const files = await source.fetch(() => {
        loader.alive = Date.now()
      })
      return { source, loader, ...files }
    } catch (error) {
      loader.staged -= source.bytes
      throw error
    }
  }

  async #create(staged: Staged, usage: Usage): Promise<void> {
    const { source, graph, weights } = staged
    try {
      if (this.#slots.has(source.key)) return // another request took over from a loader that stalled
      const created = await usage
        .measureAsync('session', () => this.#engine.create(graph, weights))
        .catch((cause: unknown) => {
          throw unavailable(`${source.key} cannot be created: ${messageOf(cause)}`, cause)
        })
      this.created++
      this.#slots.set(source.key, { graph: created, bytes: source.bytes, lastUse: ++this.#clock })
      this.#notePeak()
    } finally {
      this.#drop(staged)
    }
  }

  #drop({ source, loader, graph, weights }: Staged): void {
    loader.staged -= source.bytes
    free(graph)
    if (weights) free(weights.data as Uint8Array<ArrayBuffer>)
  }

  /**
   * Waits for the run that is going on where graphs must go. As long as others can go, there must be room for
   * the largest one and a half: most of a graph may be one tensor, and what is free lies in pieces (measured: of 15 MB
   * a piece of 10 and one of 3, and the heap grew by 9 MB for a graph of 12).
   * @returns which of `sources` are to be loaded, now that there is room for them
   */
  async #makeRoom(sources: readonly GraphSource[], loader: Loader): Promise<GraphSource[]> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const missing = this.#missing(sources)
      const bytes = sum(missing)
      if (this.#fits(bytes + Math.max(0, ...missing.map((source) => source.bytes)) / 2)) return missing
      if (!this.#isRunning()) {
        if (this.#releaseOldest(sources)) continue
        if (this.#fits(bytes)) return missing
        const limit = SessionPool.heapLimit(this.budget)
        throw unavailable(`${bytes} bytes more do not fit into ${limit} bytes of WASM memory`)
      }
      if (Date.now() > deadline) throw busy()
      loader.alive = Date.now()
      await untilNextLook()
    }
  }

  #fits(bytes: number): boolean {
    const resident = this.#engine.baseBytes + sum([...this.#slots.values()])
    return resident + bytes <= SessionPool.heapLimit(this.budget)
  }

  /**
   * Releases the graph that was used longest ago, and all that were loaded after it: memory is handed out from the
   * bottom up, and holes between graphs that stay are of no use to a run, whose buffers are large. Without this the heap
   * of 2,000 mixed requests passed its limit by a tenth. Graphs of `keep` may be among those; they are loaded again.
   * @returns false when there is nothing but `keep`
   */
  #releaseOldest(keep: readonly GraphSource[]): boolean {
    const kept = new Set(keep.map(({ key }) => key))
    const inLoadOrder = [...this.#slots]
    const others = inLoadOrder.filter(([key]) => !kept.has(key))
    const oldest = others.sort(([, a], [, b]) => a.lastUse - b.lastUse)[0]
    if (!oldest) return false
    // Where not all fits at once, the heap would come to its limit step by step. It takes the rest now, so that it is the
    // same ever after; but for what the largest stage so far needs to be loaded once more.
    this.#engine.reserve(SessionPool.heapLimit(this.budget) - (this.#largestStage - LARGEST_STAGE_BYTES))
    for (const [key, slot] of inLoadOrder.slice(inLoadOrder.indexOf(oldest))) {
      this.#slots.delete(key)
      // Synchronous in WASM; a failure to release must not fail the request that needs the room.
      slot.graph.release().catch(() => {})
    }
    return true
  }

  #notePeak(): void {
    this.#peak = Math.max(this.#peak, this.#engine.heapBytes + this.jsBytes)
  }
}

interface Staged {
  source: GraphSource
  loader: Loader
  graph: Uint8Array<ArrayBuffer>
  weights: ExternalWeights | null
}

/** Gives the memory back now; a garbage collection may come much later. */
function free(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0)
}

function sum(items: readonly { bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0)
}

function busy(): ServiceError {
  return new ServiceError('overloaded', 'the isolate is busy loading models; try again')
}

async function wait(deadline: number, usage: Usage): Promise<void> {
  if (Date.now() > deadline) throw busy()
  usage.stayAlive()
  await usage.measureAsync('session', untilNextLook)
}
