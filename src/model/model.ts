/** A model that is open for requests: its manifest, its tokenizer, and its graphs in the session pool. */
import { messageOf, ServiceError } from '../errors.ts'
import type { BertTokenizer } from '../tokenizer/index.ts'
import type { Usage } from '../usage.ts'
import type { Feeds, Graph, Rows } from './engine.ts'
import { type GraphFiles, graphBytes, type Head, type Manifest } from './package.ts'
import { pool, type RowSelection } from './pooling.ts'
import type { Progress } from './progress.ts'
import type { GraphSource, KeepAlive, SessionPool } from './session-pool.ts'
import { type ModelStore, unavailable } from './store.ts'

/** One sequence and what to read: head name, or 'hidden' for last_hidden_state → rows. */
export interface Sequence {
  readonly encoding: { readonly ids: Int32Array; readonly typeIds: ArrayLike<number> }
  readonly reads: Readonly<Record<string, RowSelection>>
}

const LAST_HIDDEN_STATE = 'last_hidden_state'

export class Model {
  readonly manifest: Manifest
  readonly tokenizer: BertTokenizer
  readonly #store: ModelStore
  readonly #pool: SessionPool
  readonly #keepAlive: KeepAlive
  readonly #stages: readonly GraphSource[]
  readonly #progress: Progress | undefined

  constructor(
    manifest: Manifest,
    tokenizer: BertTokenizer,
    store: ModelStore,
    pool: SessionPool,
    keepAlive: KeepAlive,
    progress?: Progress,
  ) {
    this.manifest = manifest
    this.tokenizer = tokenizer
    this.#store = store
    this.#pool = pool
    this.#keepAlive = keepAlive
    this.#stages = encoderSources(manifest, store, progress)
    this.#progress = progress
  }

  get id(): string {
    return this.manifest.id
  }
  get maxLength(): number {
    return this.manifest.max_length
  }
  get hiddenSize(): number {
    return this.manifest.hidden_size
  }
  get pooling(): Manifest['pooling'] {
    return this.manifest.pooling
  }

  hasHead(name: string): boolean {
    return Object.hasOwn(this.manifest.heads, name)
  }

  headsFor(task: string): readonly string[] {
    return Object.entries(this.manifest.heads).flatMap(([name, head]) => (head.task === task ? [name] : []))
  }

  isMultiLabel(name: string): boolean {
    return this.#head(name).problem_type === 'multi_label_classification'
  }

  /** @throws ServiceError('validation') that names the heads the model has */
  labels(name: string): readonly string[] {
    return this.#head(name).labels ?? []
  }

  /**
   * Runs the encoder over one sequence and each head over the rows it reads.
   * @returns logits [rows, labels] by head name, or rows of last_hidden_state under 'hidden'
   * @throws ServiceError('model-unavailable' | 'overloaded'), see SessionPool.lease
   */
  async run(sequence: Sequence, usage: Usage): Promise<Record<string, Rows>> {
    const { ids } = sequence.encoding
    const heads = Object.keys(sequence.reads).filter((name) => name !== 'hidden')
    const sources = heads.map((name) =>
      graphSource(this.manifest, `heads/${name}`, this.#head(name), this.#store, this.#progress),
    )
    const scratch = scratchBytes(this.manifest, ids.length)
    const lease = await this.#pool.lease([...this.#stages, ...sources], scratch, usage, this.#keepAlive)
    try {
      const encoder = this.#stages.map(({ key }) => lease.graph(key))
      const hidden = await usage.measureAsync('encode', () => runEncoder(encoder, sequence.encoding))
      usage.passes++
      usage.tokens += ids.length
      const reading: Record<string, Rows> = {}
      for (const [name, selection] of Object.entries(sequence.reads)) {
        const source = sources[heads.indexOf(name)]
        reading[name] = source
          ? await usage.measureAsync('head', () =>
              runHead(lease.graph(source.key), this.#head(name), hidden, selection),
            )
          : select(hidden, selection)
      }
      return reading
    } catch (cause) {
      throw unavailable(`${this.id} failed on a sequence of ${ids.length} tokens: ${messageOf(cause)}`, cause)
    } finally {
      lease.release()
    }
  }

  #head(name: string): Head {
    const head = this.hasHead(name) ? this.manifest.heads[name] : undefined
    if (head) return head
    const names = Object.keys(this.manifest.heads)
    const known = names.length > 0 ? `its heads are ${names.join(', ')}` : 'it has no heads, only embeddings'
    throw new ServiceError('validation', `model ${this.id} has no head "${name}"; ${known}`, { param: 'model' })
  }
}

/** The graphs of a manifest's encoder, in running order. */
export function encoderSources(manifest: Manifest, store: ModelStore, progress?: Progress): GraphSource[] {
  return manifest.encoder.stages.map((stage) =>
    graphSource(manifest, stage.graph.file.replace(/\.onnx$/, ''), stage, store, progress),
  )
}

function graphSource(
  manifest: Manifest,
  name: string,
  files: GraphFiles,
  store: ModelStore,
  progress?: Progress,
): GraphSource {
  return {
    key: `${manifest.id}/${name}`,
    bytes: graphBytes(files),
    async fetch(alive) {
      const report: Progress = (file) => {
        alive()
        progress?.(file)
      }
      const reads = [
        store.read(manifest.id, [files.graph], report),
        files.weights ? store.read(manifest.id, files.weights.shards, report) : null,
      ] as const
      await Promise.allSettled(reads)
      const [graph, weights] = await Promise.all(reads)
      return { graph, weights: weights && files.weights ? { location: files.weights.location, data: weights } : null }
    },
  }
}

async function runEncoder(stages: readonly Graph[], encoding: Sequence['encoding']): Promise<Rows> {
  const ids = encoding.ids
  let feeds: Feeds = {
    input_ids: ids,
    token_type_ids: Int32Array.from(encoding.typeIds),
    attention_mask: new Int32Array(ids.length).fill(1),
  }
  for (const stage of stages) feeds = { ...feeds, ...(await stage.run(feeds)) }
  return feeds[LAST_HIDDEN_STATE] as Rows
}

/**
 * Heads that read single masked rows run one row at a time: dynamic quantization scales by the largest value of
 * the whole input, so that rows run together would change each other's logits. With 'max' they run on every row, and
 * what is kept is the largest logit of each column: those of all rows of a text would not fit into an isolate.
 */
async function runHead(graph: Graph, head: Head, hidden: Rows, selection: RowSelection): Promise<Rows> {
  if (head.rows !== 'mask') return (await graph.run({ rows: select(hidden, selection) })).logits as Rows
  const isMax = selection === 'max'
  const rows = select(hidden, isMax ? 'all' : selection)
  let data = new Float32Array()
  let columns = 0
  for (let r = 0; r < rows.rows; r++) {
    const logits = (await graph.run({ rows: select(rows, [r]) })).logits as Rows
    if (r === 0) {
      columns = logits.columns
      data = new Float32Array((isMax ? 1 : rows.rows) * columns).fill(isMax ? Number.NEGATIVE_INFINITY : 0)
    }
    if (isMax) raise(data, logits.data)
    else data.set(logits.data, r * columns)
  }
  return { data, rows: isMax ? 1 : rows.rows, columns }
}

/** Each value becomes the larger of the two. */
function raise(largest: Float32Array, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) largest[i] = Math.max(largest[i] as number, values[i] as number)
}

function select(matrix: Rows, selection: RowSelection): Rows {
  if (selection === 'all') return matrix
  if (typeof selection === 'string') return pool(matrix, selection)
  const { columns } = matrix
  const data = new Float32Array(selection.length * columns)
  selection.forEach((index, r) => {
    data.set(matrix.data.subarray(index * columns, (index + 1) * columns), r * columns)
  })
  return { data, rows: selection.length, columns }
}

/**
 * Bytes a run needs beside the weights, from the attention scores of all heads and the float buffers of the feed-forward
 * width: 29 MB for 512 tokens of MiniLM. Measured (growth of the WASM heap): 17 MB in a fresh heap, since the packed
 * graphs compute three heads at once, and up to 29 MB where loading and releasing has left holes.
 */
function scratchBytes(manifest: Manifest, tokens: number): number {
  const scores = tokens * tokens * manifest.num_attention_heads * 4
  const activations = tokens * manifest.intermediate_size * 4
  return Math.round(1.3 * scores + 4 * activations)
}
