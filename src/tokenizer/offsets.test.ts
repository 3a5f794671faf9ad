import { expect, it } from 'vitest'
import { codePointOffsets } from './index.ts'

/** Code points that begin before the offset: the definition, in quadratic time. */
function counted(text: string, offset: number): number {
  const insidePair = offset > 0 && (text.codePointAt(offset - 1) as number) > 0xffff
  return [...text.slice(0, insidePair ? offset - 1 : offset)].length
}

it.each([
  ['ASCII', 'hello'],
  ['nothing', ''],
  ['pairs', '😀a😀😀b'],
  ['lone surrogates', '\ud83d😀\ude00x\ud83d'],
  ['long text', `${'a'.repeat(63)}😀${'é😀'.repeat(100)}${'b'.repeat(64)}`],
  ['a pair across a block', `${'a'.repeat(63)}😀${'a'.repeat(63)}`],
  ['a whole block', `${'😀'.repeat(32)}`],
])('maps each offset: %s', (_, text) => {
  const toCodePoints = codePointOffsets(text)
  const offsets = Array.from({ length: text.length + 1 }, (_, offset) => offset)
  expect(offsets.map(toCodePoints)).toEqual(offsets.map((offset) => counted(text, offset)))
})
