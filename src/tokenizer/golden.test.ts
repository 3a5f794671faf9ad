import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import {
  type Case,
  type Configuration,
  difference,
  differenceInDecoding,
  tokenizerOf,
} from '../../test/golden/tokenizer/compare.ts'
import type { BertTokenizer } from './index.ts'

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../../test/golden/tokenizer', name))
const json = (name: string) => JSON.parse(golden(name).toString())

const { configurations, cases, decodes } = JSON.parse(gunzipSync(golden('cases.json.gz')).toString()) as {
  configurations: Configuration[]
  cases: Case[]
  decodes: { c: number; ids: number[]; decoded: string[] }[]
}
const tokenizers = configurations.map(tokenizerOf)

const tokenizerNamed = (name: string) =>
  tokenizers[configurations.findIndex((configuration) => configuration.name === name)] as BertTokenizer

/** CRC-32 of ids, starts and ends, as fixtures.py computes it over the reference's answer. */
function checksum(tokenizer: BertTokenizer, text: string, before = 0): number {
  const { ids, starts, ends } = tokenizer.encode(text)
  return [ids, starts, ends].reduce((sum, column) => crc32(new Uint8Array(column.slice().buffer), sum), before)
}

it('equals the reference in every column and decoded text of every case', () => {
  expect(cases.length).toBeGreaterThan(6000)
  const different = cases.flatMap((line) => {
    const found = difference(tokenizers[line.c] as BertTokenizer, line)
    return found === null ? [] : [`${configurations[line.c]?.name}: ${JSON.stringify(line.a)} ${found}`]
  })
  expect(different).toEqual([])
})

it('decodes any ids as the reference', () => {
  expect(decodes.length).toBe(600)
  const different = decodes.flatMap(({ c, ids, decoded }) => {
    const found = differenceInDecoding(tokenizers[c] as BertTokenizer, ids, decoded)
    return found === null ? [] : [`${ids}: ${found}`]
  })
  expect(different).toEqual([])
})

/** As block_text in fixtures.py. */
function blockText(first: number, count: number): string {
  let text = ''
  for (let code = first; code < first + count; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const c = String.fromCodePoint(code)
    text += `a${c}a ${c} X${c}${c}É\n`
  }
  return text
}

const codePoints = json('code-points.json') as { block: number; group: number; sums: Record<string, number[]> }

/** Planes without a single character, all alike: read in the first configuration only. */
const isUnassigned = (code: number) => code >= 0x40000 && code < 0xe0000

it.each(Object.keys(codePoints.sums).map((name, i) => [name, i] as const))(
  'equals the reference for every code point: %s',
  (name, i) => {
    const { block, group, sums } = codePoints
    const tokenizer = tokenizerNamed(name)
    const different: string[] = []
    for (const [g, expected] of (sums[name] as number[]).entries()) {
      if (i > 0 && isUnassigned(g * group)) continue
      let sum = 0
      for (let first = g * group; first < (g + 1) * group; first += block) {
        sum = checksum(tokenizer, blockText(first, block), sum)
      }
      if (sum !== expected) different.push(`U+${(g * group).toString(16)} and the next ${group}`)
    }
    expect(different).toEqual([])
  },
)

/** As mark_text in fixtures.py: one mark of nearly every combining class. */
const OTHERS = [
  0x334, 0x93c, 0x3099, 0x94d, 0x5b0, 0x5b4, 0x5bc, 0x64b, 0x651, 0x670, 0x711, 0xe38, 0xe48, 0xf71, 0xf72, 0xf74,
  0x321, 0x1dce, 0x31b, 0x302a, 0x316, 0x59a, 0x302e, 0x1d16d, 0x5ae, 0x302b, 0x301, 0x315, 0x35c, 0x35d, 0x345,
]

it('puts every combining mark where the reference puts it', () => {
  const { configuration, sums } = json('marks.json') as { configuration: string; sums: Record<string, number> }
  expect(Object.keys(sums).length).toBeGreaterThan(800)
  const different = Object.keys(sums).filter((code) => {
    const m = String.fromCodePoint(Number.parseInt(code, 16))
    const around = OTHERS.map((other) => {
      const o = String.fromCodePoint(other)
      return `a${m}${o}b a${o}${m}b é${m}${o}${m} ${o}${m}${o}`
    })
    return checksum(tokenizerNamed(configuration), around.join(' ')) !== sums[code]
  })
  expect(different).toEqual([])
})
