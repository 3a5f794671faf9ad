import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Vocab } from './index.ts'

const text = readFileSync(join(import.meta.dirname, '../../assets/models/all-MiniLM-L6-v2/vocab.txt'), 'utf8')
const tokens = text.trimEnd().split('\n')
const vocab = Vocab.fromText(text)

it('maps every token to its id and back', () => {
  expect(vocab.size).toBe(30_522)
  expect(tokens.map((token) => vocab.tokenToId(token))).toEqual(tokens.map((_, id) => id))
  expect(tokens.map((_, id) => vocab.idToToken(id))).toEqual(tokens)
})

it('knows no other token and no other id', () => {
  for (const token of ['', '##', 'hellooo', '##hello!', 'Hello', '\u{1f600}'])
    expect(vocab.tokenToId(token)).toBeUndefined()
  for (const id of [-1, 30_522, 0.5, Number.NaN]) expect(vocab.idToToken(id)).toBeUndefined()
})

it.each([
  ['line feeds', '\n', '\n'],
  ['no break at the end', '\n', ''],
  ['carriage returns and line feeds', '\r\n', '\r\n'],
  ['carriage returns', '\r', '\r'],
])('reads lines: %s', (_, separator, end) => {
  const lines = ['[PAD]', 'a', '##a', '', '😀', '##', '###']
  const small = Vocab.fromText(lines.join(separator) + end)
  expect(small.size).toBe(7)
  expect(lines.map((_, id) => small.idToToken(id))).toEqual(lines)
  expect(lines.map((line) => small.tokenToId(line))).toEqual([0, 1, 2, 3, 4, 5, 6])
})

it('lets the last of equal lines count, as the reference', () => {
  const small = Vocab.fromText('a\nb\na\n')
  expect(small.size).toBe(3)
  expect(small.tokenToId('a')).toBe(2)
  expect([0, 1, 2].map((id) => small.idToToken(id))).toEqual([undefined, 'b', 'a'])
})

it('refuses a text without a line', () => {
  expect(() => Vocab.fromText('')).toThrow('expected at least 1 token')
})

it('comes back from its binary form, wherever the bytes lie', () => {
  const bytes = vocab.toBinary()
  expect(bytes.length).toBe(vocab.byteLength)
  for (const shift of [0, 1, 4]) {
    const larger = new Uint8Array(bytes.length + shift)
    larger.set(bytes, shift)
    const back = Vocab.fromBinary(larger.subarray(shift))
    expect(tokens.map((_, id) => back.idToToken(id))).toEqual(tokens)
    expect(tokens.map((token) => back.tokenToId(token))).toEqual(tokens.map((_, id) => id))
    expect(back.toBinary()).toEqual(bytes)
  }
})

it('refuses other bytes and says what it expected', () => {
  const bytes = vocab.toBinary()
  const patched = (word: number, value: number) => {
    const copy = bytes.slice()
    new Int32Array(copy.buffer)[word] = value
    return copy
  }
  expect(() => Vocab.fromBinary(new Uint8Array(10))).toThrow('expected at least 32 bytes, found 10')
  expect(() => Vocab.fromBinary(new TextEncoder().encode(text))).toThrow(/expected magic \d+, found \d+/)
  expect(() => Vocab.fromBinary(patched(1, 7))).toThrow(`expected version ${Vocab.formatVersion}, found 7`)
  expect(() => Vocab.fromBinary(bytes.subarray(0, 5000))).toThrow(
    `expected length in bytes ${bytes.length}, found 5000`,
  )
  expect(() => Vocab.fromBinary(patched(3, 30_000))).toThrow('expected length by its parts')
})

it('is made in the size that the isolate was promised', () => {
  expect(vocab.byteLength).toBeLessThan(1_000_000)
})
