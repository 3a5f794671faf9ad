import { expect, test } from 'vitest'
import { stored } from './storage.ts'

function memory(methods: Partial<Storage> = {}): Storage {
  const values = new Map<string, string>()
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
    ...methods,
  } as Storage
}

function refuse(): never {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}

test.each([
  ['a browser that keeps it', () => memory()],
  ['one that blocks storage', refuse],
  ['one that lets nothing in', () => memory({ setItem: refuse })],
])('%s', (_, open) => {
  let storage: Storage | undefined
  const value = stored(() => {
    storage ??= open()
    return storage
  }, 'name')
  expect(value.read()).toBe(null)
  value.write('a')
  value.write('b')
  expect(value.read()).toBe('b')
  value.write(null)
  expect(value.read()).toBe(null)
})
