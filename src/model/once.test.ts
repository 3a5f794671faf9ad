import { expect, test } from 'vitest'
import { Once } from './once.ts'

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test('made once for all who ask meanwhile, and kept', async () => {
  const once = new Once<{ number: number }>()
  let made = 0
  const kept: number[] = []
  const get = (key = 'a') =>
    once.get(
      key,
      async () => {
        await pause(10)
        return { number: ++made }
      },
      ({ number }) => kept.push(number),
    )
  const [first, second] = await Promise.all([get(), get(), get()])
  expect(second).toBe(first)
  expect(await get()).toBe(first)
  expect(await get('b')).toEqual({ number: 2 })
  expect(kept).toEqual([1, 2])
})

test('who waits for one that fails tries for itself', async () => {
  const once = new Once<string>()
  const failing = once.get(
    'a',
    () => pause(10).then(() => Promise.reject(new Error('broken'))),
    () => {},
  )
  const waiting = once.get(
    'a',
    async () => 'made',
    () => {},
  )
  await expect(failing).rejects.toThrow('broken')
  expect(await waiting).toBe('made')
})
