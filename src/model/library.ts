/** Opens models by id: manifest from the store, tokenizer from the vocabulary cache or the store, graphs on demand. */
import { messageOf } from '../errors.ts'
import { BertTokenizer, Vocab } from '../tokenizer/index.ts'
import type { Usage } from '../usage.ts'
import { encoderSources, Model } from './model.ts'
import { Once } from './once.ts'
import type { Manifest } from './package.ts'
import type { Progress } from './progress.ts'
import type { KeepAlive, SessionPool } from './session-pool.ts'
import { type ModelStore, unavailable } from './store.ts'

/** Where prepared vocabularies are kept between isolates. Both methods may fail; a failure is only a miss. */
export interface VocabCache {
  get(key: string): Promise<Uint8Array | null>
  put(key: string, bytes: Uint8Array): Promise<void>
}

export interface LibraryPorts {
  readonly store: ModelStore
  readonly pool: SessionPool
  readonly vocabCache: VocabCache | null
}

export class ModelLibrary {
  readonly #ports: LibraryPorts
  readonly #manifests = new Map<string, Manifest>()
  readonly #tokenizers = new Once<BertTokenizer>()

  constructor(ports: LibraryPorts) {
    this.#ports = ports
  }

  get pool(): SessionPool {
    return this.#ports.pool
  }

  /** The manifest of a model, or null where there is no such model. */
  async manifest(id: string): Promise<Manifest | null> {
    const known = this.#manifests.get(id)
    if (known) return known
    const manifest = await this.#ports.store.manifest(id)
    if (manifest) this.#manifests.set(id, manifest)
    return manifest
  }

  /**
   * Opens a model; its encoder loads while the tokenizer does.
   * @param keepAlive given promises that must not end with the request (waitUntil)
   * @param progress told of every file that this request loads, those of heads included
   * @throws ServiceError('model-unavailable' | 'overloaded')
   */
  async open(manifest: Manifest, usage: Usage, keepAlive: KeepAlive, progress?: Progress): Promise<Model> {
    const { store, pool } = this.#ports
    const stages = encoderSources(manifest, store, progress)
    const [tokenizer] = await Promise.all([
      this.tokenizer(manifest, usage, keepAlive),
      pool.load(stages, usage, keepAlive),
    ])
    return new Model(manifest, tokenizer, store, pool, keepAlive, progress)
  }

  /** The tokenizer alone, for requests that run no model. Models with equal vocabulary and options share one. */
  tokenizer(manifest: Manifest, usage: Usage, keepAlive: KeepAlive): Promise<BertTokenizer> {
    const make = async () => createTokenizer(manifest, await this.#vocab(manifest, keepAlive))
    return usage.measureAsync('tokenize', () =>
      this.#tokenizers.get(
        `${manifest.vocab.sha256} ${JSON.stringify(manifest.tokenizer)}`,
        make,
        ({ byteLength }) => this.pool.hold(byteLength),
        () => usage.stayAlive(),
      ),
    )
  }

  async #vocab(manifest: Manifest, keepAlive: KeepAlive): Promise<Vocab> {
    const { store, vocabCache } = this.#ports
    const key = `vocab/${Vocab.formatVersion}/${manifest.vocab.sha256}`
    const cached = await vocabCache?.get(key).catch(() => null)
    const ready = cached && tryBinary(cached)
    if (ready) return ready
    const text = await store.read(manifest.id, [manifest.vocab])
    const vocab = Vocab.fromText(new TextDecoder().decode(text))
    if (vocabCache) keepAlive(vocabCache.put(key, vocab.toBinary()).catch(() => {}))
    return vocab
  }
}

/** @throws ServiceError('model-unavailable') for a vocabulary that lacks one of BERT's special tokens */
function createTokenizer({ id, tokenizer: options }: Manifest, vocab: Vocab): BertTokenizer {
  try {
    return BertTokenizer.fromVocab(vocab, {
      lowercase: options.lowercase,
      stripAccents: options.strip_accents,
      cleanText: options.clean_text,
      handleChineseChars: options.handle_chinese_chars,
    })
  } catch (cause) {
    throw unavailable(`${id}: ${messageOf(cause)}`, cause)
  }
}

/** Bytes from the cache are another isolate's; what does not read is treated as not there. */
function tryBinary(bytes: Uint8Array): Vocab | null {
  try {
    return Vocab.fromBinary(bytes)
  } catch {
    return null
  }
}
