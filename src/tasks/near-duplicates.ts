/**
 * Near-duplicate detection: texts that say the same thing in nearly the same words, by the cosine of their vectors
 * (Sentence-BERT, Reimers and Gurevych 2019), every pair compared. The default threshold is measured on all-MiniLM-L6-v2:
 * rewordings lay between 0.86 and 1, other texts on the same subject below 0.78. A changed weekday or a "not" moves
 * the vector little (0.90 to 0.96), so such texts count as near duplicates, too.
 */
import { z } from 'zod'
import { embedTexts, texts } from './embed.ts'
import { dot } from './math.ts'
import { defineTask } from './task.ts'
import { requireSome, truncation } from './text.ts'

/** Cosines of equal texts may miss 1 by this much. */
const ROUNDING = 1e-6

const parameters = z.object({
  ...truncation,
  threshold: z.number().min(-1).max(1).nullish().describe('The least cosine of a pair; default 0.85.'),
  top_k: z.int().min(1).max(10_000).nullish().describe('How many pairs are listed; default 1000.'),
})

export interface DuplicatePair {
  /** Positions in `texts`, first < second. */
  first: number
  second: number
  /** Cosine, in [-1, 1]. */
  score: number
}

export interface NearDuplicates {
  /** Best first. */
  pairs: DuplicatePair[]
  /** Positions of texts that pairs connect, ascending; groups by their first text. All pairs count, listed or not. */
  groups: number[][]
  /** What is left with one text of each group: the first. */
  unique: number[]
}

export const nearDuplicates = defineTask({
  name: 'near-duplicates',
  description: 'Finds texts of a list that repeat each other in nearly the same words.',
  input: z.object({ texts }),
  parameters,
  role: 'embedding',
  batch: false,

  *run({ texts }, options, context) {
    requireSome(texts, 'texts')
    const vectors = yield* embedTexts(texts, options, context, (i) => `texts[${i}]`)
    const answer = findDuplicates(vectors, options.threshold ?? 0.85, options.top_k ?? 1000)
    if (answer.more > 0) context.notes.warn(`${answer.more} more pairs are not listed; raise threshold or top_k`)
    return { pairs: answer.pairs, groups: answer.groups, unique: answer.unique }
  },
})

/**
 * O(n²) comparisons, O(n + limit) memory.
 * @param vectors [n][size], of unit length
 * @returns `more`: pairs over the threshold beyond `limit`
 */
export function findDuplicates(
  vectors: readonly ArrayLike<number>[],
  threshold: number,
  limit: number,
): NearDuplicates & { more: number } {
  const leader = vectors.map((_, i) => i)
  const find = (i: number): number => {
    while (leader[i] !== i) {
      leader[i] = leader[leader[i] as number] as number
      i = leader[i] as number
    }
    return i
  }
  let found = 0
  let pairs: DuplicatePair[] = []
  for (let first = 0; first < vectors.length; first++) {
    for (let second = first + 1; second < vectors.length; second++) {
      const score = dot(vectors[first] as ArrayLike<number>, vectors[second] as ArrayLike<number>)
      if (score < threshold - ROUNDING) continue
      found++
      pairs.push({ first, second, score })
      if (pairs.length >= 2 * limit) pairs = best(pairs, limit)
      const [a, b] = [find(first), find(second)]
      leader[Math.max(a, b)] = Math.min(a, b)
    }
  }
  const groups = Object.values(Object.groupBy(leader.keys(), find)) as number[][]
  return {
    pairs: best(pairs, limit),
    groups: groups.filter((group) => group.length > 1),
    unique: groups.map((group) => group[0] as number),
    more: Math.max(0, found - limit),
  }
}

function best(pairs: readonly DuplicatePair[], limit: number): DuplicatePair[] {
  return pairs.toSorted((a, b) => b.score - a.score || a.first - b.first || a.second - b.second).slice(0, limit)
}
