import { expect, test } from 'vitest'
import { gramOf, project } from './pca.ts'

const distance = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) => Math.hypot(a - c, b - d)

test('points of a plane in many dimensions keep all their distances', () => {
  const plane = [
    [0, 0],
    [3, 0],
    [3, 4],
    [-1, 2],
    [5, 5],
  ] as const
  // Two orthonormal directions in five dimensions, and a shift.
  const u = [0.5, 0.5, 0.5, 0.5, 0]
  const v = [0.5, -0.5, 0.5, -0.5, 0]
  const vectors = plane.map(([x, y]) => u.map((value, i) => x * value + y * (v[i] as number) + 7))
  const { points, kept } = project(gramOf(vectors))
  for (const [i, a] of plane.entries()) {
    for (const [j, b] of plane.entries()) {
      expect(distance(points[i] as [number, number], points[j] as [number, number])).toBeCloseTo(distance(a, b), 6)
    }
  }
  expect(kept).toBeCloseTo(1, 9)
})

test('of a cloud the widest two directions are kept, the widest first', () => {
  const vectors = [
    [10, 0, 0],
    [-10, 0, 0],
    [0, 4, 0],
    [0, -4, 0],
    [0, 0, 1],
    [0, 0, -1],
  ]
  const { points, kept } = project(gramOf(vectors))
  expect(points.map(([x]) => Math.round(Math.abs(x)))).toEqual([10, 10, 0, 0, 0, 0])
  expect(points.map(([, y]) => Math.round(Math.abs(y)))).toEqual([0, 0, 4, 4, 0, 0])
  expect(kept).toBeCloseTo(232 / 234, 9)
})

test('one point, two points and equal points have places, too', () => {
  expect(project([[1]])).toEqual({ points: [[0, 0]], kept: 1 })
  const two = project([
    [1, 0],
    [0, 1],
  ])
  expect(distance(two.points[0] as [number, number], two.points[1] as [number, number])).toBeCloseTo(Math.SQRT2, 9)
  const equal = project([
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ])
  for (const point of equal.points.flat()) expect(point).toBeCloseTo(0, 9)
})
