/** Small numeric functions that several tasks share. All pure; inputs are never changed. */

/** Softmax (natural base) of unnormalised logits, computed in float64 against overflow. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(logits)
  let max = Number.NEGATIVE_INFINITY
  for (const value of out) if (value > max) max = value
  let sum = 0
  for (let i = 0; i < out.length; i++) {
    const e = Math.exp((out[i] as number) - max)
    out[i] = e
    sum += e
  }
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / sum
  return out
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Indices of the `k` largest values, largest first; equal values keep their order. O(n · log k) or better. */
export function topIndices(values: ArrayLike<number>, k: number): number[] {
  const best: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (best.length === k && value <= (values[best[k - 1] as number] as number)) continue
    let low = 0
    let high = best.length
    while (low < high) {
      const mid = (low + high) >> 1
      if ((values[best[mid] as number] as number) >= value) low = mid + 1
      else high = mid
    }
    best.splice(low, 0, i)
    if (best.length > k) best.pop()
  }
  return best
}

/** The `k` likeliest ids, best first: of all, or of `targets`. */
export function likeliest(probabilities: ArrayLike<number>, k: number, targets: readonly number[] | null): number[] {
  if (!targets) return topIndices(probabilities, k)
  const scores = targets.map((id) => probabilities[id] as number)
  return topIndices(scores, k).map((index) => targets[index] as number)
}

/** Index of the largest value; the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}

/** One row of a row-major matrix, as a view. */
export function row(matrix: { data: Float32Array; columns: number }, index: number): Float32Array {
  return matrix.data.subarray(index * matrix.columns, (index + 1) * matrix.columns)
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** Cosine similarity in [-1, 1]; 0 when either vector is all zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b))
  return norms === 0 ? 0 : dot(a, b) / norms
}
