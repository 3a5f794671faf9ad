/**
 * Principal components of points that are known by their inner products only: the eigenvectors of the centred Gram
 * matrix (classical scaling, Torgerson 1952). For vectors this is their PCA; a matrix of cosines does as well.
 */

export interface Projection {
  /** One [x, y] for each point, mean 0. */
  readonly points: readonly (readonly [number, number])[]
  /** Share of the variance that the two axes keep, in [0, 1]. */
  readonly kept: number
}

/** @param gram [n][n], symmetric */
export function project(gram: readonly (readonly number[])[]): Projection {
  const { values, vectors } = eigen(centre(gram))
  const order = values.map((_, i) => i).sort((a, b) => at(values, b) - at(values, a))
  const [first = -1, second = -1] = order
  const axis = (which: number, point: number) => {
    if (which === -1) return 0
    return at(at(vectors, point), which) * Math.sqrt(Math.max(0, at(values, which)))
  }
  const variance = (which: number) => (which === -1 ? 0 : Math.max(0, at(values, which)))
  const all = values.reduce((sum, value) => sum + Math.max(0, value), 0)
  return {
    points: gram.map((_, i) => [axis(first, i), axis(second, i)] as const),
    kept: all > 1e-9 ? (variance(first) + variance(second)) / all : 1,
  }
}

/** Inner products of all pairs of vectors. */
export function gramOf(vectors: readonly (readonly number[])[]): number[][] {
  return vectors.map((a) => vectors.map((b) => a.reduce((sum, value, i) => sum + value * at(b, i), 0)))
}

function centre(gram: readonly (readonly number[])[]): number[][] {
  const means = gram.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length)
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length
  return gram.map((row, i) => row.map((value, j) => value - at(means, i) - at(means, j) + mean))
}

const SWEEPS = 30

/** Jacobi's rotations: exact enough and simple for the few dozen points of a page. Columns of `vectors` are the axes. */
function eigen(symmetric: number[][]): { values: number[]; vectors: number[][] } {
  const n = symmetric.length
  const a = symmetric.map((row) => [...row])
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = at(at(a, p), q)
        off += apq * apq
        if (Math.abs(apq) < 1e-12) continue
        const theta = (at(at(a, q), q) - at(at(a, p), p)) / (2 * apq)
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cos = 1 / Math.sqrt(t * t + 1)
        for (const row of a) rotate(row, p, q, cos, t * cos)
        rotateRows(at(a, p), at(a, q), cos, t * cos)
        for (const row of vectors) rotate(row, p, q, cos, t * cos)
      }
    }
    if (off < 1e-18) break
  }
  return { values: a.map((row, i) => at(row, i)), vectors }
}

function rotate(row: number[], p: number, q: number, cos: number, sin: number): void {
  const [x, y] = [at(row, p), at(row, q)]
  row[p] = cos * x - sin * y
  row[q] = sin * x + cos * y
}

function rotateRows(p: number[], q: number[], cos: number, sin: number): void {
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [at(p, i), at(q, i)]
    p[i] = cos * x - sin * y
    q[i] = sin * x + cos * y
  }
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T
}
