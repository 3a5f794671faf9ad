/**
 * Agglomerative clustering with average linkage (UPGMA, Sokal and Michener 1958) by the nearest-neighbour chain
 * (Murtagh 1983): exact, deterministic, O(n²) time and memory. Also the mean silhouette of a cut (Rousseeuw 1987).
 */

/** Two clusters, each named by its lowest item, become one, named by `into`. */
export interface Merge {
  readonly into: number
  readonly from: number
  /** Mean similarity between the items of one and the items of the other. */
  readonly similarity: number
}

/**
 * @param similarity [n, n] row-major, symmetric
 * @returns n − 1 merges by falling similarity; the first n − k of them make k clusters
 */
export function mergeAll(similarity: Float32Array, n: number): Merge[] {
  const between = similarity.slice()
  const size = new Int32Array(n).fill(1)
  const merges: Merge[] = []
  const chain: number[] = []
  while (merges.length < n - 1) {
    if (chain.length === 0) chain.push(size.findIndex((count) => count > 0))
    const last = chain.at(-1) as number
    const nearest = nearestTo(last, chain.at(-2), between, size, n)
    if (nearest !== chain.at(-2)) {
      chain.push(nearest)
      continue
    }
    chain.length -= 2
    const [into, from] = [Math.min(last, nearest), Math.max(last, nearest)]
    merges.push({ into, from, similarity: between[into * n + from] as number })
    join(into, from, between, size, n)
  }
  return merges.sort((a, b) => b.similarity - a.similarity)
}

/** The most similar other cluster; `favoured` wins a tie (the chain must not turn in circles), then the lowest. */
function nearestTo(item: number, favoured: number | undefined, between: Float32Array, size: Int32Array, n: number) {
  let best = favoured ?? -1
  let bestValue = favoured === undefined ? Number.NEGATIVE_INFINITY : (between[item * n + favoured] as number)
  for (let other = 0; other < n; other++) {
    if (other === item || size[other] === 0) continue
    const value = between[item * n + other] as number
    if (value > bestValue) {
      best = other
      bestValue = value
    }
  }
  return best
}

function join(into: number, from: number, between: Float32Array, size: Int32Array, n: number): void {
  const a = size[into] as number
  const b = size[from] as number
  size[into] = a + b
  size[from] = 0
  for (let other = 0; other < n; other++) {
    if (other === into || size[other] === 0) continue
    const mean = (a * (between[into * n + other] as number) + b * (between[from * n + other] as number)) / (a + b)
    between[into * n + other] = mean
    between[other * n + into] = mean
  }
}

/**
 * Applies merges to single items.
 * @returns the cluster of each item, named by its lowest item
 */
export function cut(merges: readonly Merge[], n: number): Int32Array {
  const parent = Int32Array.from({ length: n }, (_, i) => i)
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] as number
    return i
  }
  for (const { into, from } of merges) {
    const [a, b] = [find(into), find(from)]
    parent[Math.max(a, b)] = Math.min(a, b)
  }
  return Int32Array.from({ length: n }, (_, i) => find(i))
}

/**
 * Mean over all items of (b − a) / max(a, b): a is the mean distance to the item's own cluster, b to the next one.
 * An item alone counts 0. Distances are 1 − similarity. In [-1, 1]; O(n²).
 */
export function silhouette(labels: Int32Array, similarity: Float32Array, n: number): number {
  const sizes = new Map<number, number>()
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const sums = new Float64Array(n)
  let total = 0
  for (let i = 0; i < n; i++) {
    sums.fill(0)
    for (let j = 0; j < n; j++) {
      const label = labels[j] as number
      if (j !== i) sums[label] = (sums[label] as number) + 1 - (similarity[i * n + j] as number)
    }
    const own = labels[i] as number
    const count = sizes.get(own) as number
    if (count === 1 || sizes.size === 1) continue
    const a = (sums[own] as number) / (count - 1)
    let b = Number.POSITIVE_INFINITY
    for (const [label, members] of sizes) if (label !== own) b = Math.min(b, (sums[label] as number) / members)
    total += Math.max(a, b) > 0 ? (b - a) / Math.max(a, b) : 0
  }
  return total / n
}
