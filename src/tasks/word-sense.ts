/**
 * Word sense (polysemy): which uses of a word mean the same. The vector of a use is the mean of the last hidden states
 * at the word's pieces in its context (Wiedemann et al. 2019 showed that such vectors separate senses); uses are
 * clustered by average linkage, cut where the silhouette is best. With senses given, each use gets the sense whose
 * text is nearest to its context.
 *
 * Runs on the embedding model by default: over ten ambiguous words with two uses of two senses each, the uses of one
 * sense were nearer than any others for eight words with all-MiniLM-L6-v2 and for one with multitask-minilm.
 */
import { z } from 'zod'
import { empty, invalid } from '../errors.ts'
import { pool } from '../model/pooling.ts'
import { similarities } from './clustering.ts'
import { cut, mergeAll, silhouette } from './dendrogram.ts'
import { normalize } from './feature-extraction.ts'
import { dot, row, softmax, topIndices } from './math.ts'
import { offsets, wireOffsets } from './offsets.ts'
import { defineTask, HIDDEN, type Pass, type Rows, type TaskContext } from './task.ts'
import { encodeText, text } from './text.ts'

/** Each context's hidden states are held until all are there: at most 25 MB. */
const MOST_CONTEXTS = 32
const SUBSTITUTES = 'fill-mask'
/** Below this mean silhouette all uses count as one sense. */
const SEPARATES = 0.25

const input = z.object({
  word: text.describe('The word; inflected uses that begin with it count, too.'),
  contexts: z.array(text).max(MOST_CONTEXTS).describe('Texts that use the word.'),
  senses: z.array(text).max(MOST_CONTEXTS).nullish().describe('Descriptions of senses to choose from.'),
})

const parameters = z.object({
  ...offsets,
  num_senses: z.int().min(1).nullish().describe('How many senses; default: as the contexts suggest.'),
  top_k: z.int().min(1).max(100).nullish().describe('How many substitutes; default 5. Needs a model with fill-mask.'),
})

interface Use {
  start: number
  end: number
  context: string
}

export const wordSense = defineTask({
  name: 'word-sense',
  description: 'Tells the meanings of a word apart by the contexts it stands in.',
  input,
  parameters,
  role: 'embedding',
  batch: false,

  *run({ word, contexts, senses }, options, context) {
    if (contexts.length === 0) throw empty('`contexts` cannot be empty', 'contexts')
    if ((options.num_senses ?? 1) > contexts.length) {
      const most = `\`num_senses\` must be at most ${contexts.length}, the number of contexts`
      throw invalid(`${most}. Given: ${options.num_senses}`, 'num_senses')
    }
    const uses = contexts.map((value, i) => findUse(word, value, i))
    const passes = uses.map((use) => usePass(use, context))
    const masked = context.model.hasHead(SUBSTITUTES) ? uses.map((use) => maskedPass(use, context)) : []
    const glosses = (senses ?? []).map((sense) => sensePass(sense, context))
    const readings = yield [...passes, ...glosses, ...masked]

    const hidden = readings.map((reading) => reading[HIDDEN])
    const vectors = uses.map((use, i) => wordVector(use, passes[i] as Pass, hidden[i] as Rows))
    const similarity = similarities(vectors)
    const assigned = assign(similarity, uses.length, options.num_senses)
    const meanings = glosses.map((_, i) => normalize(row(hidden[uses.length + i] as Rows, 0)))
    return {
      uses: uses.map((use, i) => {
        const wire = wireOffsets(use.context, options.offset_type)
        const whole = normalize(row(pool(hidden[i] as Rows, context.model.pooling), 0))
        const open = readings[uses.length + glosses.length + i]?.[SUBSTITUTES]
        return {
          context: use.context,
          start: wire(use.start),
          end: wire(use.end),
          cluster: assigned[i] as number,
          ...(senses?.length ? { senses: rankSenses(whole, meanings, senses) } : {}),
          ...(open ? { substitutes: topWords(open, options.top_k ?? 5, context) } : {}),
        }
      }),
      similarity: uses.map((_, i) => Array.from(row({ data: similarity, columns: uses.length }, i))),
    }
  },
})

/** The first place where the word begins; its end is that of the whole word there, so "banks" is a use of "bank". */
function findUse(word: string, context: string, index: number): Use {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const found = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?:e?s|'s|ed|ing)?(?![\\p{L}\\p{N}])`, 'iu').exec(context)
  if (!found) throw invalid(`\`contexts[${index}]\` does not contain the word "${word}"`, 'contexts')
  return { context, start: found.index, end: found.index + found[0].length }
}

/** @throws ServiceError('validation') when the context is too long to read whole */
function usePass(use: Use, context: TaskContext): Pass {
  return { encoding: encodeText(context, use.context, { truncate: false }), reads: { [HIDDEN]: 'all' } }
}

/** The context with the word masked: what else could stand there. */
function maskedPass(use: Use, context: TaskContext): Pass {
  const { tokenizer } = context.model
  const open = use.context.slice(0, use.start) + tokenizer.maskToken + use.context.slice(use.end)
  const encoding = encodeText(context, open, { truncate: false })
  const before = tokenizer.encode(use.context.slice(0, use.start), { addSpecialTokens: false }).length
  return { encoding, reads: { [SUBSTITUTES]: [before + 1] } }
}

function sensePass(sense: string, context: TaskContext): Pass {
  return { encoding: encodeText(context, sense, {}), reads: { [HIDDEN]: context.model.pooling } }
}

/** Mean over the rows of the pieces that the use covers, as a unit vector. */
function wordVector(use: Use, { encoding }: Pass, hidden: Rows): Float32Array {
  const rows = Array.from(encoding.ids.keys()).filter((i) => {
    const inside = (encoding.starts[i] as number) < use.end && (encoding.ends[i] as number) > use.start
    return inside && !encoding.specialTokensMask[i]
  })
  const data = Float32Array.from(rows.flatMap((i) => Array.from(row(hidden, i))))
  return normalize(row(pool({ data, rows: rows.length, columns: hidden.columns }, 'mean'), 0))
}

/** A cluster number for each use, counted from 0 in the order of their first uses. */
function assign(similarity: Float32Array, n: number, count: number | null | undefined): number[] {
  const merges = mergeAll(similarity, n)
  const into = (k: number) => cut(merges.slice(0, n - k), n)
  let best = into(count ?? 1)
  let bestScore = SEPARATES
  for (let k = 2; k < n && (count ?? 0) === 0; k++) {
    const score = silhouette(into(k), similarity, n)
    if (score > bestScore) [best, bestScore] = [into(k), score]
  }
  const seen = [...new Set(best)]
  return Array.from(best, (label) => seen.indexOf(label))
}

/** Cosine of the whole context with each description, best first. */
function rankSenses(whole: Float32Array, meanings: readonly Float32Array[], senses: readonly string[]) {
  const scores = meanings.map((meaning) => dot(whole, meaning))
  return topIndices(scores, senses.length).map((i) => ({
    sense: senses[i] as string,
    index: i,
    score: scores[i] as number,
  }))
}

function topWords(logits: Rows, topK: number, { model }: TaskContext) {
  const probabilities = softmax(row(logits, 0))
  return topIndices(probabilities, topK).map((token) => ({
    score: probabilities[token] as number,
    token,
    token_str: model.tokenizer.decode([token]),
  }))
}
