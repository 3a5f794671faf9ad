/**
 * Word sense (polysemy): which uses of a word mean the same. Two uses are compared by their vectors (the mean of the
 * last hidden states at the word's pieces in context, Wiedemann et al. 2019) less what the word brings along alone
 * (its vector without a context is projected out), and by the vectors of the contexts without the word. The mean of
 * both cosines is the similarity; uses join by average linkage down to a threshold. With senses given, each use gets
 * the sense whose text is nearest to its context.
 *
 * Measured on all-MiniLM-L6-v2, 20 words with two senses and two to four contexts each: pairs of the same sense score
 * higher than others with a probability (AUC) of 0.93; by the vectors in context alone 0.83, by the rest of the context
 * alone 0.85; on ten other words, chosen later, 0.92. The threshold belongs to that model: on others give `num_senses` (multitask-minilm: AUC 0.70).
 */
import { z } from 'zod'
import { empty, invalid } from '../errors.ts'
import { pool } from '../model/pooling.ts'
import { similarities } from './clustering.ts'
import { cut, mergeAll } from './dendrogram.ts'
import { normalize } from './feature-extraction.ts'
import { dot, row, softmax, topIndices } from './math.ts'
import { offsets, wireOffsets } from './offsets.ts'
import { defineTask, HIDDEN, type Pass, type Reading, type Rows, type Steps, type TaskContext } from './task.ts'
import { encodeText, text } from './text.ts'

/** In UTF-16 units; more than any word or phrase has. */
const LONGEST_WORD = 200
const MOST_CONTEXTS = 32
const SUBSTITUTES = 'fill-mask'
/** Uses of this similarity or more are one sense: right for 88 % of the measured pairs. */
const SAME_SENSE = 0.31
/** A vector that is shorter than this after projection is rounding. */
const ROUNDING = 1e-3

const input = z.object({
  word: text.max(LONGEST_WORD).describe('The word; inflected uses that begin with it count, too.'),
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
    if (word.trim() === '') throw invalid('`word` must have a character besides white space', 'word')
    const uses = contexts.map((value, i) => findUse(word, value, i))
    const read = yield* readLists({
      words: uses.map((use, i) => wordPass(use, `contexts[${i}]`, context)),
      rests: uses.map((use) => poolPass(use.context.slice(0, use.start) + use.context.slice(use.end), context)),
      alone: [wordPass({ context: word, start: 0, end: word.length }, 'word', context)],
      meanings: (senses ?? []).map((sense) => poolPass(sense, context)),
      wholes: senses?.length ? contexts.map((value) => poolPass(value, context)) : [],
      masked: context.model.hasHead(SUBSTITUTES)
        ? uses.map((use, i) => maskedPass(use, `contexts[${i}]`, context))
        : [],
    })
    const [alone] = read.alone.map(wordVector) as [Float32Array]
    const inContext = read.words.map((reading) => without(wordVector(reading), alone))
    const similarity = mean(similarities(inContext), similarities(read.rests.map(pooled)))
    const assigned = assign(similarity, uses.length, options.num_senses)
    const meanings = read.meanings.map(pooled)
    const wholes = read.wholes.map(pooled)
    return {
      uses: uses.map((use, i) => {
        const wire = wireOffsets(use.context, options.offset_type)
        const [whole, open] = [wholes[i], read.masked[i]?.[SUBSTITUTES]]
        return {
          context: use.context,
          start: wire(use.start),
          end: wire(use.end),
          cluster: assigned[i] as number,
          ...(whole ? { senses: rankSenses(whole, meanings, senses ?? []) } : {}),
          ...(open ? { substitutes: topWords(open, options.top_k ?? 5, context) } : {}),
        }
      }),
      similarity: uses.map((_, i) => Array.from(row({ data: similarity, columns: uses.length }, i))),
    }
  },
})

/** Asks for all passes at once and gives the readings back list by list. */
function* readLists<Name extends string>(lists: Record<Name, Pass[]>): Steps<Record<Name, Reading[]>> {
  const all = Object.entries<Pass[]>(lists)
  const readings = yield all.flatMap(([, passes]) => passes)
  let at = 0
  const named = all.map(([name, { length }]) => {
    at += length
    return [name, readings.slice(at - length, at)]
  })
  return Object.fromEntries(named) as Record<Name, Reading[]>
}

/** The first use of the word or a regular inflection of it (banks, running, cities); its span is that of the whole. */
function findUse(word: string, context: string, index: number): Use {
  const found = usePattern(word.trim()).exec(context)
  if (!found?.[0]) throw invalid(`\`contexts[${index}]\` does not contain the word "${word}"`, 'contexts')
  return { context, start: found.index, end: found.index + found[0].length }
}

/** Scripts that put no spaces between words. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+$/u

function usePattern(word: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const stems = [`${literal(word)}(?:e?s|['’]s|ed|ing)?`]
  const last = literal(/.$/u.exec(word)?.[0] ?? '')
  if (/[^aeiou\P{L}]$/iu.test(word)) stems.push(`${literal(word)}${last}(?:ed|ing)`)
  if (/y$/i.test(word)) stems.push(`${literal(word.slice(0, -1))}(?:ies|ied)`)
  if (/e$/i.test(word)) stems.push(`${literal(word.slice(0, -1))}(?:ed|ing)`)
  // An accent may be a letter's part or a mark behind it.
  const forms = new Set(stems.flatMap((stem) => [stem, stem.normalize('NFC'), stem.normalize('NFD')]))
  const any = `(?:${[...forms].join('|')})`
  return new RegExp(UNSPACED.test(word) ? any : `(?<![\\p{L}\\p{N}])${any}(?![\\p{L}\\p{M}\\p{N}])`, 'iu')
}

/**
 * Reads the rows of the pieces that a use covers.
 * @throws ServiceError('validation') when the context is too long to read whole, or the use has no piece
 */
function wordPass(use: Use, name: string, context: TaskContext): Pass {
  const encoding = encodeText(context, use.context, { truncate: false }, {}, name)
  const rows = Array.from(encoding.ids.keys()).filter((i) => {
    const inside = (encoding.starts[i] as number) < use.end && (encoding.ends[i] as number) > use.start
    return inside && !encoding.specialTokensMask[i]
  })
  if (rows.length === 0) throw invalid(`the word in \`${name}\` has 0 tokens`, name.replace(/\[.*/, ''))
  return { encoding, reads: { [HIDDEN]: rows } }
}

/** The context with the word masked: what else could stand there. */
function maskedPass(use: Use, name: string, context: TaskContext): Pass {
  const { tokenizer } = context.model
  const open = use.context.slice(0, use.start) + tokenizer.maskToken + use.context.slice(use.end)
  const encoding = encodeText(context, open, { truncate: false }, {}, name)
  const before = tokenizer.encode(use.context.slice(0, use.start), { addSpecialTokens: false }).length
  return { encoding, reads: { [SUBSTITUTES]: [before + 1] } }
}

function poolPass(value: string, context: TaskContext): Pass {
  return { encoding: encodeText(context, value, {}), reads: { [HIDDEN]: context.model.pooling } }
}

/** Mean over the rows of a word's pieces, as a unit vector. */
function wordVector(pieces: Reading): Float32Array {
  return normalize(row(pool(pieces[HIDDEN] as Rows, 'mean'), 0))
}

function pooled(reading: Reading): Float32Array {
  return normalize(row(reading[HIDDEN] as Rows, 0))
}

/** What is left of a unit vector when its share in another is taken out, as a unit vector; zeros where nothing is. */
function without(vector: Float32Array, other: Float32Array): Float32Array {
  const share = dot(vector, other)
  const rest = vector.map((value, i) => value - share * (other[i] as number))
  return Math.sqrt(dot(rest, rest)) < ROUNDING ? rest.fill(0) : normalize(rest)
}

function mean(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => (value + (b[i] as number)) / 2)
}

/** A cluster number for each use, counted from 0 in the order of their first uses. */
function assign(similarity: Float32Array, n: number, count: number | null | undefined): number[] {
  const merges = mergeAll(similarity, n)
  const made = count ? merges.slice(0, n - count) : merges.filter((merge) => merge.similarity >= SAME_SENSE)
  const labels = cut(made, n)
  const seen = [...new Set(labels)]
  return Array.from(labels, (label) => seen.indexOf(label))
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
