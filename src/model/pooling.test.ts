import { expect, test } from 'vitest'
import { pool } from './pooling.ts'

const hidden = { data: Float32Array.of(1, -2, 3, -6, 2, 5), rows: 3, columns: 2 }

test.each([
  ['mean', [2, -1]],
  ['cls', [1, -2]],
  ['max', [3, 5]],
] as const)('%s', (pooling, expected) => {
  expect(pool(hidden, pooling)).toEqual({ data: Float32Array.from(expected), rows: 1, columns: 2 })
})
