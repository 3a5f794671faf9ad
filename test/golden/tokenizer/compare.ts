/**
 * Holds our tokenizer to answers of the reference (reference.py): used by the golden tests, and alone for the fuzz,
 * which pipes lines of {case…, windows, decoded} in: `python fuzz.py SEED COUNT | node compare.ts`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BertTokenizer, type EncodeOptions, type Encoding, Vocab } from '../../../src/tokenizer/index.ts'

export interface Configuration {
  name: string
  vocab: 'uncased' | 'pieces'
  lowercase: boolean
  accents: boolean | null
  clean: boolean
  chinese: boolean
  special: Record<'unk' | 'cls' | 'sep' | 'pad' | 'mask', string> | null
}

/** ids, type ids, starts, ends, word ids, sequence ids, special tokens mask. */
type Columns = number[][]

export interface Case {
  c: number
  a: string
  b: string | null
  s: boolean
  m: number | null
  t: 'longest_first' | 'only_first' | 'only_second'
  d: 'left' | 'right'
  st: number | null
  /** null where the reference refuses. */
  windows: Columns[] | null
  decoded: string[] | null
}

const COLUMNS = ['ids', 'typeIds', 'starts', 'ends', 'wordIds', 'sequenceIds', 'specialTokensMask'] as const

const file = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')
const vocabs = {
  uncased: Vocab.fromText(file('../../../assets/models/all-MiniLM-L6-v2/vocab.txt')),
  pieces: Vocab.fromText(file('pieces.txt')),
}

export function tokenizerOf(configuration: Configuration): BertTokenizer {
  const { special } = configuration
  return BertTokenizer.fromVocab(vocabs[configuration.vocab], {
    lowercase: configuration.lowercase,
    stripAccents: configuration.accents,
    cleanText: configuration.clean,
    handleChineseChars: configuration.chinese,
    ...(special && {
      unkToken: special.unk,
      clsToken: special.cls,
      sepToken: special.sep,
      padToken: special.pad,
      maskToken: special.mask,
    }),
  })
}

function optionsOf(line: Case): EncodeOptions {
  return {
    addSpecialTokens: line.s,
    truncation: line.t,
    truncationDirection: line.d,
    ...(line.b !== null && { pair: line.b }),
    ...(line.m !== null && { maxLength: line.m }),
    ...(line.st !== null && { stride: line.st }),
  }
}

/** @returns what differs from the reference in one case, or null. */
export function difference(tokenizer: BertTokenizer, line: Case): string | null {
  let encoding: Encoding
  try {
    encoding = tokenizer.encode(line.a, optionsOf(line))
  } catch (error) {
    return line.windows === null && error instanceof RangeError ? null : `threw ${error}`
  }
  if (line.windows === null) return 'the reference refuses this'
  const windows = [encoding, ...encoding.overflowing]
  if (windows.length !== line.windows.length) return `windows: ${line.windows.length} expected, ${windows.length} found`
  for (const [i, columns] of line.windows.entries()) {
    for (const [k, name] of COLUMNS.entries()) {
      const found = Array.from((windows[i] as Encoding)[name])
      if (!equal(columns[k] as number[], found)) return `window ${i}, ${name}: ${columns[k]} expected, ${found} found`
    }
  }
  return differenceInDecoding(tokenizer, encoding.ids, line.decoded as string[])
}

/** @returns what differs in the texts of ids: plain, with clean-up, and both without special tokens. */
export function differenceInDecoding(
  tokenizer: BertTokenizer,
  ids: ArrayLike<number>,
  expected: readonly string[],
): string | null {
  const decoded = [false, true].flatMap((skipSpecialTokens) =>
    [false, true].map((cleanUpTokenizationSpaces) =>
      tokenizer.decode(ids, { skipSpecialTokens, cleanUpTokenizationSpaces }),
    ),
  )
  const at = decoded.findIndex((text, i) => text !== expected[i])
  return at < 0 ? null : `decoded ${at}: ${JSON.stringify(expected[at])} expected, ${JSON.stringify(decoded[at])} found`
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}

async function compareStream(): Promise<void> {
  const tokenizers: BertTokenizer[] = []
  let configurations: Configuration[] | undefined
  let cases = 0
  let refused = 0
  let different = 0
  for await (const text of createInterface({ input: process.stdin })) {
    if (configurations === undefined) {
      configurations = JSON.parse(text) as Configuration[]
      tokenizers.push(...configurations.map(tokenizerOf))
      continue
    }
    const line = JSON.parse(text) as Case
    const found = difference(tokenizers[line.c] as BertTokenizer, line)
    cases++
    if (line.windows === null) refused++
    if (found !== null && ++different <= 10) {
      console.log(
        configurations[line.c]?.name,
        JSON.stringify({ ...line, windows: undefined, decoded: undefined }),
        found,
      )
    }
  }
  console.log(`${cases} cases, ${refused} refused by the reference, ${different} different`)
  process.exitCode = different > 0 ? 1 : 0
}

if (import.meta.main) await compareStream()
