/** One row from many: mean over the tokens, the [CLS] row, or the maximum of each column (Reimers and Gurevych 2019). */
import type { Rows } from './engine.ts'

export type Pooling = 'mean' | 'cls' | 'max'

/**
 * Rows of last_hidden_state: every row, rows at these token positions, or one row pooled from all. A head that reads masks
 * pools with 'max' what it made of every row.
 */
export type RowSelection = 'all' | Pooling | readonly number[]

/**
 * @param hidden [tokens, hidden_size], special tokens included, no padding
 * @returns [1, hidden_size]
 */
export function pool(hidden: Rows, pooling: Pooling): Rows {
  const { columns } = hidden
  if (pooling === 'cls') return { data: hidden.data.slice(0, columns), rows: 1, columns }
  const sum = new Float64Array(columns).fill(pooling === 'max' ? Number.NEGATIVE_INFINITY : 0)
  for (let r = 0; r < hidden.rows; r++) {
    const start = r * columns
    for (let c = 0; c < columns; c++) {
      const value = hidden.data[start + c] as number
      sum[c] = pooling === 'max' ? Math.max(sum[c] as number, value) : (sum[c] as number) + value
    }
  }
  const divisor = pooling === 'max' ? 1 : hidden.rows
  return { data: Float32Array.from(sum, (value) => value / divisor), rows: 1, columns }
}
