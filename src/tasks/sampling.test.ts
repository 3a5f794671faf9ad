import { describe, expect, it } from 'vitest'
import { draw, seededRandom } from './sampling.ts'

const ALL = { temperature: 1, topK: 10, topP: 1 }
const logits = [0.5, 0.3, 0.2].map(Math.log)

/** How often each index is drawn. */
function shares(options: object, draws = 20_000): number[] {
  const random = seededRandom(1)
  const counts = [0, 0, 0]
  for (let i = 0; i < draws; i++) (counts[draw(logits, { ...ALL, ...options }, random())] as number)++
  return counts.map((count) => count / draws)
}

it('every seed has a sequence of its own, also beyond 32 bits and below 0', () => {
  const seeds = [0, 1, -1, -2, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), 2 ** 40, 2 ** 53 - 1]
  const first = (seed: number) => Array.from({ length: 3 }, seededRandom(seed)).join()
  expect(new Set(seeds.map(first)).size).toBe(seeds.length)
  expect(first(2 ** 40)).toBe(first(2 ** 40))
})

describe('draw', () => {
  it.each([
    ['probabilities', {}, [0.5, 0.3, 0.2]],
    ['temperature 0.5: squared', { temperature: 0.5 }, [0.658, 0.237, 0.105]],
    ['temperature 0', { temperature: 0 }, [1, 0, 0]],
    ['top_k 2', { topK: 2 }, [0.625, 0.375, 0]],
    ['top_p 0.4', { topP: 0.4 }, [1, 0, 0]],
    ['top_p 0.7', { topP: 0.7 }, [0.625, 0.375, 0]],
  ])('%s', (_, options, expected) => {
    shares(options).forEach((share, i) => {
      expect(Math.abs(share - (expected[i] as number))).toBeLessThan(0.015)
    })
  })

  it('never draws -Infinity, and says so when nothing is left', () => {
    const none = Number.NEGATIVE_INFINITY
    expect(draw([none, 1, none], ALL, 0.999_999)).toBe(1)
    expect(draw([none, none], ALL, 0)).toBe(-1)
  })

  it.each([0, 0.999_999_999])('takes a random number of %d', (random) => {
    expect(draw(logits, ALL, random)).toBe(random === 0 ? 0 : 2)
  })
})

describe('seededRandom', () => {
  const first = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 1000 }, random)
  }
  it('gives the same sequence for the same seed, another for another', () => {
    expect(first(7)).toEqual(first(7))
    expect(first(7)).not.toEqual(first(8))
  })
  it('is uniform in [0, 1)', () => {
    const numbers = first(3)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    expect(Math.abs(numbers.reduce((sum, x) => sum + x, 0) / 1000 - 0.5)).toBeLessThan(0.03)
  })
})
