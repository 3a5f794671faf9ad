import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BertTokenizer, Vocab } from './index.ts'

const vocab = Vocab.fromText(
  readFileSync(join(import.meta.dirname, '../../assets/models/all-MiniLM-L6-v2/vocab.txt'), 'utf8'),
)
const cleaned = BertTokenizer.fromVocab(vocab)
const raw = BertTokenizer.fromVocab(vocab, { cleanText: false, stripAccents: true })

const LARGE = 1 << 20
const PARTS = 8
const TRIES = 3

/** Least time of the process, in ms, of some tries: what the work costs, whatever else the machine has to do. */
function least(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < TRIES; i++) {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

/** Time of the whole text over the time of its eight parts: 1 when linear, 8 when quadratic. */
function growth(tokenizer: BertTokenizer, text: string): number {
  const step = LARGE / PARTS
  const parts = Array.from({ length: PARTS }, (_, i) => text.slice(i * step, (i + 1) * step))
  const ofParts = least(() => {
    for (const part of parts) tokenizer.encode(part)
  })
  const ofWhole = least(() => tokenizer.encode(text))
  return (ofWhole + 1) / (ofParts + 1)
}

const filled = (unit: string) => unit.repeat(Math.ceil(LARGE / unit.length)).slice(0, LARGE)

it.each([
  ['one letter', filled('a')],
  ['one letter, an accent at the end', `${filled('a').slice(1)}é`],
  ['accented letters', filled('é')],
  ['base64', filled('TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24/+0')],
  ['combining marks', filled('\u0323\u0301')],
  ['a letter with combining marks', `a${filled('\u0301\u0323\u0345').slice(1)}`],
  ['marks that survive, out of order', filled('\u302e\u0301\u0323\ua953')],
  ['marks, now and then one that survives', filled(`${'\u0301'.repeat(LARGE / PARTS - 1)}\u302e`)],
  ['letters with a mark that survives', filled('e\u0301\u302e')],
  ['control characters, then marks that survive', filled('\u0001\u302e\u200b')],
  ['spaces', filled(' ')],
  ['control characters', filled('\u0000')],
  ['punctuation', filled('!?')],
  ['brackets', filled('[')],
  ['unfinished special tokens', filled('[MASK')],
  ['special tokens', filled('[MASK]')],
  ['CJK', filled('北京')],
  ['astral CJK', filled('𠀀')],
  ['Hangul', filled('한글')],
  ['emoji', filled('👩‍👩‍👧‍👦')],
  ['lone surrogates', filled('\ud800')],
  ['words that are no tokens', filled('zqxj한 ')],
])('reads 1 MiB in linear time: %s', (_, text) => {
  expect(text.length).toBe(LARGE)
  expect(growth(cleaned, text)).toBeLessThan(4)
})

it.each([
  ['control characters', filled('\u0000')],
  ['marks and control characters', filled('\u302e\u0001\u0323')],
])('reads 1 MiB that is not cleaned in linear time: %s', (_, text) => {
  expect(growth(raw, text)).toBeLessThan(4)
})

it('does not read what right truncation drops', () => {
  const text = filled('hello ')
  const all = least(() => cleaned.encode(text))
  const cut = least(() => cleaned.encode(text, { maxLength: 128 }))
  expect(cut).toBeLessThan(all / 4)
})
