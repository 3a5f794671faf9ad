/**
 * Next-sentence prediction (Devlin et al. 2019, §3.1): does the second text follow the first? The head reads [CLS] of
 * the pair. With a list of sentences instead of a pair: the order in which each follows the one before it best.
 *
 * What the head knows decides what the order is worth. BERT's, and the default model's, learned to tell the next
 * sentence from one of another document, so it knows what belongs together and little of which comes first: on
 * paragraphs that were shuffled whole it does no better than chance (40 of WikiText, four sentences each: Kendall's
 * tau -0.04), while sentences of two subjects do come apart.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { row, softmax } from './math.ts'
import { defineTask, type Reading, type Rows } from './task.ts'
import { encodeText, reportedOnce, text, truncation } from './text.ts'
import { type LabelScore, rankLabels } from './text-classification.ts'

const HEAD = 'next-sentence-prediction'
const IS_NEXT = 'isNext'
const MAX_SENTENCES = 8

const input = z.union([
  z.object({ first: text, second: text }),
  z.object({ sentences: z.array(text).min(2).max(MAX_SENTENCES) }),
])

interface SentenceOrder {
  /** Positions in the given list, in the order found. */
  order: number[]
  /** The sentences in that order. */
  sentences: string[]
  /** Geometric mean of the probabilities that each sentence follows the one before it. */
  score: number
}

export const nextSentencePrediction = defineTask({
  name: HEAD,
  description: 'Whether one sentence follows another; orders up to eight sentences.',
  input,
  parameters: z.object(truncation),

  /** A pair is one pass; n sentences are n · (n - 1), one for each ordered pair. */
  *run(value, options, context) {
    const labels = context.model.labels(HEAD)
    const once = reportedOnce(context)
    const passOf = (first: string, pair: string) => ({
      encoding: encodeText(once, first, options, { pair }),
      reads: { [HEAD]: 'cls' as const },
    })
    if ('first' in value) {
      const [reading] = yield [passOf(value.first, value.second)]
      return rankLabels(labels, probabilities(reading), labels.length) satisfies LabelScore[]
    }
    const { sentences } = value
    const isNext = labels.indexOf(IS_NEXT)
    if (isNext === -1) throw invalid(`the head ${HEAD} has no label "${IS_NEXT}"; it has ${labels.join(', ')}`)
    const pairs = sentences.flatMap((_, i) => sentences.flatMap((_, j) => (i === j ? [] : [[i, j] as const])))
    const readings = yield pairs.map(([i, j]) => passOf(sentences[i] as string, sentences[j] as string))
    const follows = sentences.map(() => new Float64Array(sentences.length))
    pairs.forEach(([i, j], pass) => {
      ;(follows[i] as Float64Array)[j] = Math.log(probabilities(readings[pass])[isNext] as number)
    })
    const { order, sum } = bestOrder(follows)
    const score = Math.exp(sum / (sentences.length - 1))
    return { order, sentences: order.map((i) => sentences[i] as string), score } satisfies SentenceOrder
  },
})

function probabilities(reading: Reading | undefined): Float64Array {
  return softmax(row(reading?.[HEAD] as Rows, 0))
}

/**
 * The path through all n nodes with the largest sum of edges, exactly (Held and Karp 1962): O(2ⁿ · n²) time.
 *
 * @param edges [n][n], the worth of going from i to j
 */
export function bestOrder(edges: readonly ArrayLike<number>[]): { order: number[]; sum: number } {
  const n = edges.length
  const cell = (visited: number, last: number) => visited * n + last
  const best = new Float64Array(n << n).fill(Number.NEGATIVE_INFINITY)
  const before = new Int8Array(n << n).fill(-1)
  for (let i = 0; i < n; i++) best[cell(1 << i, i)] = 0
  for (let visited = 1; visited < 1 << n; visited++) {
    for (let last = 0; last < n; last++) {
      const sum = best[cell(visited, last)] as number
      if (sum === Number.NEGATIVE_INFINITY) continue
      for (let next = 0; next < n; next++) {
        const target = cell(visited | (1 << next), next)
        const total = sum + (edges[last]?.[next] as number)
        if (visited & (1 << next) || total <= (best[target] as number)) continue
        best[target] = total
        before[target] = last
      }
    }
  }
  let visited = (1 << n) - 1
  let last = 0
  for (let i = 1; i < n; i++) if ((best[cell(visited, i)] as number) > (best[cell(visited, last)] as number)) last = i
  const sum = best[cell(visited, last)] as number
  const order: number[] = []
  while (last !== -1) {
    order.unshift(last)
    const previous = before[cell(visited, last)] as number
    visited &= ~(1 << last)
    last = previous
  }
  return { order, sum }
}
