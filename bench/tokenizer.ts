/**
 * Our tokenizer against that of @huggingface/transformers: ids checked equal first, then tokens per second on the same
 * texts in turns, then the time from stored bytes to a ready tokenizer, each in a fresh process.
 *
 * `node bench/tokenizer.ts` prints a table of its own; `npm run bench` has it in the large one.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { BertTokenizer, Vocab } from '../src/tokenizer/index.ts'
import { median, printTable, type Row } from './table.ts'

const PEER = 'transformers.js'
const ROUNDS = 15
/** One round reads each text until about so many characters went through, so that short texts can be timed. */
const CHARACTERS_PER_ROUND = 400_000
const COLD_RUNS = 9

const root = join(import.meta.dirname, '..')
const vocabPath = join(root, 'assets/models/all-MiniLM-L6-v2/vocab.txt')
const readGolden = (path: string) => readFileSync(join(root, 'test/golden', path))

type Encode = (text: string) => ArrayLike<number>

/** The files transformers.js wants, made from vocab.txt as BertTokenizerFast would save them. */
function peerFiles(vocabTxt: string): { tokenizer: object; config: object } {
  const tokens = vocabTxt.trimEnd().split('\n')
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } })
  const added = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
  const single = [added('[CLS]', 0), sequence('A', 0), added('[SEP]', 0)]
  const templateToken = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] })
  return {
    tokenizer: {
      version: '1.0',
      added_tokens: special.map((content) => ({ id: vocab[content], content, ...flags })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single,
        pair: [...single, sequence('B', 1), added('[SEP]', 1)],
        special_tokens: { '[CLS]': templateToken('[CLS]'), '[SEP]': templateToken('[SEP]') },
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    },
    config: {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: true,
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      mask_token: '[MASK]',
      model_max_length: 1_000_000,
    },
  }
}

async function peerEncoder(): Promise<Encode> {
  const transformers = await import('@huggingface/transformers')
  const { tokenizer, config } = peerFiles(readFileSync(vocabPath, 'utf8'))
  const peer = new transformers.BertTokenizer(tokenizer, config)
  return (text) => peer.encode(text)
}

/** Texts by kind: English paragraphs and questions, and the golden lines in some sixty scripts and styles. */
function inputs(): Record<string, string[]> {
  const xquad = JSON.parse(readGolden('xquad.json').toString()) as { context: string; questions: string[] }[]
  const { cases } = JSON.parse(gunzipSync(readGolden('tokenizer/cases.json.gz')).toString()) as {
    cases: { c: number; a: string; m: number | null }[]
  }
  const lines = cases.slice(0, 900).filter(({ c, a, m }) => c === 0 && m === null && a.length > 20 && a.length < 200)
  const mixed = [...new Set(lines.map(({ a }) => a))]
  return {
    'English paragraphs': xquad.map(({ context }) => context),
    'English questions': xquad.flatMap(({ questions }) => questions),
    'many scripts': mixed,
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (id, i) => id === b[i])
}

/** Milliseconds for `repeats` readings of all texts. */
function time(encode: Encode, texts: readonly string[], repeats: number): number {
  const start = performance.now()
  for (let k = 0; k < repeats; k++) for (const text of texts) encode(text)
  return performance.now() - start
}

function throughput(kind: string, all: readonly string[], ours: Encode, peer: Encode): Row {
  // Texts that the peer reads differently from the reference (astral ideographs, Unicode versions) can't be compared.
  const texts = all.filter((text) => equal(ours(text), peer(text)))
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  const tokens = texts.reduce((sum, text) => sum + ours(text).length, 0)
  const repeats = Math.ceil(CHARACTERS_PER_ROUND / characters)
  const samples: { ours: number[]; peer: number[] } = { ours: [], peer: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      () => samples.ours.push(time(ours, texts, repeats)),
      () => samples.peer.push(time(peer, texts, repeats)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn()
  }
  // The first rounds are the compiler's.
  const rate = (times: readonly number[]) => (tokens * repeats) / median(times.slice(5)) / 1000
  const left = all.length - texts.length
  return {
    what: `tokenizer, ${kind}`,
    ours: rate(samples.ours),
    unit: 'million tokens/s',
    peer: { name: PEER, value: rate(samples.peer) },
    note: `higher is better; ${texts.length} texts equal${left > 0 ? `, ${left} that ${PEER} reads otherwise left out` : ''}`,
  }
}

/** From what is stored to a tokenizer that has answered once. Only these lines are timed in the fresh process. */
const READY = {
  'binary form': (file) => {
    BertTokenizer.fromVocab(Vocab.fromBinary(file)).encode('ready?')
  },
  'vocab.txt': (file) => {
    BertTokenizer.fromVocab(Vocab.fromText(new TextDecoder().decode(file))).encode('ready?')
  },
  'vocab.txt to a Map alone': (file) => {
    new Map(
      new TextDecoder()
        .decode(file)
        .split('\n')
        .map((token, id) => [token, id]),
    )
  },
} satisfies Record<string, (file: Uint8Array) => void>

async function coldOnce(form: string, path: string): Promise<number> {
  const file = new Uint8Array(readFileSync(path))
  if (form in READY) {
    const ready = READY[form as keyof typeof READY]
    const start = performance.now()
    ready(file)
    return performance.now() - start
  }
  const transformers = await import('@huggingface/transformers')
  const { config } = peerFiles('')
  const start = performance.now()
  new transformers.BertTokenizer(JSON.parse(new TextDecoder().decode(file)), config).encode('ready?')
  return performance.now() - start
}

function cold(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'))
  try {
    const vocabTxt = readFileSync(vocabPath, 'utf8')
    const binary = join(folder, 'vocab.bin')
    const json = join(folder, 'tokenizer.json')
    writeFileSync(binary, Vocab.fromText(vocabTxt).toBinary())
    writeFileSync(json, JSON.stringify(peerFiles(vocabTxt).tokenizer))
    const paths = { 'binary form': binary, 'vocab.txt': vocabPath, 'vocab.txt to a Map alone': vocabPath, [PEER]: json }
    const times = Object.fromEntries(Object.keys(paths).map((form) => [form, [] as number[]]))
    for (let run = 0; run < COLD_RUNS; run++) {
      const order = Object.entries(paths)
      for (const [form, path] of run % 2 === 0 ? order : order.reverse()) {
        const output = execFileSync(process.execPath, [import.meta.filename, '--cold', form, path])
        times[form]?.push(Number(output.toString()))
      }
    }
    const peer = { name: PEER, value: median(times[PEER] as number[]) }
    return Object.keys(READY).map((form) => ({
      what: `tokenizer ready from ${form}`,
      ours: median(times[form] as number[]),
      unit: 'ms',
      peer,
    }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Speed on English and mixed text, and cold creation. Throws when too few texts are read alike to compare. */
export async function benchTokenizer(): Promise<Row[]> {
  const tokenizer = BertTokenizer.fromVocab(Vocab.fromText(readFileSync(vocabPath, 'utf8')))
  const ours: Encode = (text) => tokenizer.encode(text).ids
  const peer = await peerEncoder()
  const rows = Object.entries(inputs()).map(([kind, texts]) => throughput(kind, texts, ours, peer))
  return [...rows, ...cold()]
}

if (import.meta.main) {
  const [flag, form, path] = process.argv.slice(2)
  if (flag === '--cold') console.log(await coldOnce(form as string, path as string))
  else printTable('tokenizer', await benchTokenizer())
}
