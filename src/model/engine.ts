/**
 * The contract with whatever runs the numbers: ids in, named rows of floats out. onnxruntime-web stands behind it
 * (ort-engine.ts); nothing above this file knows that.
 */

/** A float matrix in row-major order: `data[row * columns + column]`. */
export interface Rows {
  readonly data: Float32Array
  readonly rows: number
  readonly columns: number
}

/** A graph's inputs by name: token ids (an int64 [1, sequence] in the graph) or rows of floats. */
export type Feeds = Readonly<Record<string, Int32Array | Rows>>

export interface Graph {
  /** Names of the inputs the graph declares. */
  readonly inputs: readonly string[]
  /**
   * Runs one sequence. Outputs of shape [1, n, m] come back as n rows of m columns.
   * @throws Error when an input is missing or the runtime fails
   */
  run(feeds: Feeds): Promise<Readonly<Record<string, Rows>>>
  release(): Promise<void>
}

export interface ExternalWeights {
  /** The name under which the graph refers to its weights. */
  readonly location: string
  readonly data: Uint8Array
}

export interface Engine {
  /** Bytes of memory the engine has taken from the isolate. It never gives any back. */
  readonly heapBytes: number
  /** Bytes the engine takes with no graph loaded. */
  readonly baseBytes: number
  /** Takes memory up to `bytes` now, where the engine has any yet. */
  reserve(bytes: number): void
  /** Neither `graph` nor `weights` is referred to after the promise settles. */
  create(graph: Uint8Array, weights: ExternalWeights | null): Promise<Graph>
}
