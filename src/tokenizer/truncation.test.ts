import { expect, it } from 'vitest'
import { sharesOf, windowsOf } from './truncation.ts'

it.each([
  // first, second, most → shares; the odd token goes to the longer one, to the second when they are equal
  [3, 4, 7, 3, 4],
  [10, 2, 7, 5, 2],
  [2, 10, 7, 2, 5],
  [10, 9, 7, 4, 3],
  [9, 10, 7, 3, 4],
  [9, 9, 7, 3, 4],
  [4, 9, 8, 4, 4],
  [9, 1, 1, 1, 0],
  [9, 9, 0, 0, 0],
])('cuts the longest first: %i and %i into %i', (first, second, most, ...shares) => {
  const { first: a, second: b } = sharesOf(first, second, most, 'longest_first')
  expect([a, b]).toEqual(shares)
})

it('cuts only the sequence that is named', () => {
  expect(sharesOf(9, 3, 8, 'only_first')).toEqual({ first: 5, second: 3 })
  expect(sharesOf(3, 9, 8, 'only_second')).toEqual({ first: 3, second: 5 })
  expect(() => sharesOf(9, 8, 8, 'only_first')).toThrow('at least 8 of at most 8 tokens')
  expect(() => sharesOf(9, null, 8, 'only_second')).toThrow('needs a pair')
})

it('lays windows from either end', () => {
  expect(windowsOf(7, 3, 1, 'right')).toEqual([
    [0, 3],
    [2, 5],
    [4, 7],
  ])
  expect(windowsOf(6, 3, 1, 'left')).toEqual([
    [3, 6],
    [1, 4],
    [0, 2],
  ])
  expect(windowsOf(3, 3, 9, 'right')).toEqual([[0, 3]])
  expect(() => windowsOf(7, 3, 3, 'right')).toThrow('below the 3 tokens')
})
