/**
 * Clustering of texts: agglomerative, average linkage over the cosines of sentence vectors (dendrogram.ts), so the same
 * texts always give the same clusters. The number of clusters is the caller's (`num_clusters`), or follows from the
 * least mean cosine at which two clusters still join (`threshold`), or is the one with the best mean silhouette
 * (Rousseeuw 1987), where fewer clusters win a near tie.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { cut, type Merge, mergeAll, silhouette } from './dendrogram.ts'
import { embedTexts, texts } from './embed.ts'
import { argmax, dot } from './math.ts'
import { defineTask, type Steps } from './task.ts'
import { requireSome, truncation } from './text.ts'

/** Two float matrices of this many rows and columns are 8 MB. */
const MOST_TEXTS = 1_024
/** Silhouettes are tried up to this many clusters. */
const MOST_CLUSTERS = 50
/** Texts as near as this are one cluster when the caller says nothing else. */
const ALIKE = 0.5
/** A cut with a lower silhouette separates nothing. */
const SEPARATES = 0.1
/** Silhouettes this near to the best are as good. */
const NEAR_TIE = 0.02

const parameters = z.object({
  ...truncation,
  num_clusters: z.int().min(1).nullish().describe('How many clusters; default: the best separated.'),
  threshold: z
    .number()
    .min(-1)
    .max(1)
    .nullish()
    .describe('Clusters join down to this mean cosine. Instead of num_clusters.'),
})

export interface Cluster {
  /** Positions in `texts`, ascending. */
  members: { index: number; text: string }[]
  /** The medoid: the member nearest to the others. */
  center: { index: number; text: string }
  /** Mean cosine of its pairs, 1 for a single text. */
  cohesion: number
}

interface Clustering {
  /** Largest first; of equal size, in the order of their first texts. */
  clusters: Cluster[]
  /** For each text its position in `clusters`. */
  labels: number[]
  /** How well separated the clusters are: mean silhouette in [-1, 1], 0 for a single cluster. */
  silhouette: number
}

export const clustering = defineTask({
  name: 'clustering',
  description: 'Groups texts that are about the same thing.',
  input: z.object({ texts: texts.max(MOST_TEXTS) }),
  parameters,
  role: 'embedding',
  batch: false,

  *run({ texts }, { num_clusters, threshold, ...options }, context): Steps<Clustering> {
    requireSome(texts, 'texts')
    if (typeof num_clusters === 'number' && typeof threshold === 'number') {
      throw invalid('give either `num_clusters` or `threshold`, not both', 'threshold')
    }
    if (typeof num_clusters === 'number' && num_clusters > texts.length) {
      const most = `\`num_clusters\` must be at most ${texts.length}, the number of texts`
      throw invalid(`${most}. Given: ${num_clusters}`, 'num_clusters')
    }
    const vectors = yield* embedTexts(texts, options, context, (i) => `texts[${i}]`)
    const similarity = similarities(vectors)
    const merges = chooseMerges(mergeAll(similarity, texts.length), similarity, texts.length, num_clusters, threshold)
    const assigned = cut(merges, texts.length)
    return { ...describe(assigned, similarity, texts), silhouette: silhouette(assigned, similarity, texts.length) }
  },
})

/** @returns [n, n] cosines of unit vectors */
export function similarities(vectors: readonly Float32Array[]): Float32Array {
  const n = vectors.length
  const out = new Float32Array(n * n)
  for (let i = 0; i < n; i++) {
    out[i * n + i] = 1
    for (let j = 0; j < i; j++) out[i * n + j] = dot(vectors[i] as Float32Array, vectors[j] as Float32Array)
    for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j] as number
  }
  return out
}

/** The merges that are carried out, of all there are. */
export function chooseMerges(
  merges: readonly Merge[],
  similarity: Float32Array,
  n: number,
  count?: number | null,
  threshold?: number | null,
): readonly Merge[] {
  if (typeof count === 'number') return merges.slice(0, n - count)
  const downTo = (least: number) => merges.filter((merge) => merge.similarity >= least)
  if (typeof threshold === 'number') return downTo(threshold)
  const everything = merges.at(-1)?.similarity ?? 1
  if (everything >= ALIKE) return merges
  const scores: number[] = []
  for (let k = 2; k <= Math.min(n - 1, MOST_CLUSTERS); k++) {
    scores.push(silhouette(cut(merges.slice(0, n - k), n), similarity, n))
  }
  const best = Math.max(...scores)
  if (best < SEPARATES) return downTo(ALIKE)
  const fewest = scores.findIndex((score) => score >= best - NEAR_TIE) + 2
  return merges.slice(0, n - fewest)
}

function describe(assigned: Int32Array, similarity: Float32Array, texts: readonly string[]) {
  const n = texts.length
  const groups = Object.values(Object.groupBy(assigned.keys(), (i) => assigned[i] as number)) as number[][]
  groups.sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
  const labels = new Array<number>(n)
  const clusters = groups.map((group, label): Cluster => {
    for (const i of group) labels[i] = label
    const nearness = group.map((i) => group.reduce((sum, j) => sum + (similarity[i * n + j] as number), -1))
    const pairs = group.length * (group.length - 1)
    const item = (index: number) => ({ index, text: texts[index] as string })
    return {
      members: group.map(item),
      center: item(group[argmax(nearness)] as number),
      cohesion: pairs === 0 ? 1 : nearness.reduce((a, b) => a + b) / pairs,
    }
  })
  return { clusters, labels }
}
