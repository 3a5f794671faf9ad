/**
 * The masked language model's perplexity, by training's own rule (training/batches.py): of 15 % of the tokens four in
 * five are masked, one in ten is another token, one in ten stays, and all of them are guessed. The fill-mask task
 * reads masks only, so this opens the package itself: the product's tokenizer, sessions and WASM runtime, in Node.
 */
import { readFileSync } from 'node:fs'
import { diskSource, nodeDigest } from '../../src/model/disk.ts'
import { ModelLibrary } from '../../src/model/library.ts'
import type { Model } from '../../src/model/model.ts'
import { createOrtEngine } from '../../src/model/ort-engine.ts'
import { createRuntime } from '../../src/model/runtime.ts'
import { SessionPool } from '../../src/model/session-pool.ts'
import { ModelStore } from '../../src/model/store.ts'
import { argmax, row, softmax } from '../../src/tasks/math.ts'
import { seededRandom } from '../../src/tasks/sampling.ts'
import { Usage } from '../../src/usage.ts'

/** The types are workerd's, where code may not compile modules. */
const { Module } = WebAssembly as unknown as { Module: new (bytes: Uint8Array) => WebAssembly.Module }
const WASM = 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'
const BUDGET = 200_000_000
const HEAD = 'fill-mask'
/** Tokens of a passage, as in training/data.py. */
const LONGEST = 180
const RATE = 0.15
/** Ids below are special or unused. */
const FIRST_WORD_ID = 1_000

export interface MaskedScore {
  perplexity: number
  /** Share of the guessed tokens whose first answer is right. */
  accuracy: number
}

/** @throws Error where no token of the texts was chosen */
export async function scoreMaskedTokens(id: string, texts: readonly string[], seed = 5): Promise<MaskedScore> {
  const model = await openModel(id)
  const random = seededRandom(seed)
  let [loss, right, count] = [0, 0, 0]
  for (const text of texts) {
    const encoding = model.tokenizer.encode(text, { maxLength: LONGEST + 2 })
    const { ids, chosen } = maskTokens(encoding.ids, model, random)
    if (chosen.length === 0) continue
    const reading = await model.run({ encoding: { ids, typeIds: encoding.typeIds }, reads: { [HEAD]: chosen } }, usage)
    chosen.forEach((position, i) => {
      const target = encoding.ids[position] as number
      const probabilities = softmax(row(reading[HEAD] as NonNullable<(typeof reading)[string]>, i))
      loss -= Math.log(probabilities[target] as number)
      if (argmax(probabilities) === target) right++
      count++
    })
  }
  if (count === 0) throw new Error(`no token was chosen in ${texts.length} texts`)
  return { perplexity: Math.exp(loss / count), accuracy: right / count }
}

const usage = new Usage()

async function openModel(id: string): Promise<Model> {
  const runtime = createRuntime(new Module(readFileSync(WASM)))
  const store = new ModelStore([diskSource('assets/models')], nodeDigest)
  const pool = new SessionPool(createOrtEngine(runtime), BUDGET)
  const library = new ModelLibrary({ store, pool, vocabCache: null })
  const manifest = await library.manifest(id)
  if (!manifest) throw new Error(`no package assets/models/${id}`)
  return library.open(manifest, usage, () => {})
}

/** @returns the ids to run, and the positions that are to be guessed */
function maskTokens(given: Int32Array, { tokenizer }: Model, random: () => number) {
  const ids = given.slice()
  const chosen: number[] = []
  for (let i = 1; i < ids.length - 1; i++) {
    if (random() >= RATE) continue
    chosen.push(i)
    const kind = random()
    if (kind < 0.8) ids[i] = tokenizer.maskId
    else if (kind >= 0.9) ids[i] = FIRST_WORD_ID + Math.floor(random() * (tokenizer.vocabSize - FIRST_WORD_ID))
  }
  return { ids, chosen }
}
