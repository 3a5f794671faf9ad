/** Start and end logits to answers, as transformers 4.57 QuestionAnsweringPipeline does it. All pure. */
import type { Encoding } from '../tokenizer/index.ts'
import { softmax, topIndices } from './math.ts'
import type { Rows } from './task.ts'

export interface Answer {
  /** Sum of the probabilities of the spans with this text. Each window is normalised on its own. */
  score: number
  /** UTF-16 offsets in the context, `end` exclusive. */
  start: number
  end: number
  /** What lies between them; empty for "no answer". */
  answer: string
}

export interface ReadWindow {
  readonly encoding: Encoding
  /** [encoding.length, 2]: start and end logit of each token. */
  readonly logits: Rows
}

export interface SpanOptions {
  readonly topK: number
  /** In tokens. */
  readonly maxAnswerLength: number
  /** Whether "no answer" competes. */
  readonly impossible: boolean
  readonly wholeWords: boolean
}

/** A word of any length is one token: longer answers are told apart by their place, since each key is a copy. */
const LONGEST_KEY = 1000

interface Span {
  readonly first: number
  readonly last: number
  readonly score: number
}

/**
 * The best answers of all windows, best first; one of score 0 and length 0 where the context has no token. Spans with
 * the same text, letter case aside, are one answer: their scores add up, the place of the first is kept.
 */
export function collectAnswers(windows: readonly ReadWindow[], context: string, options: SpanOptions): Answer[] {
  const { topK, impossible, wholeWords } = options
  // Spans may turn out to be the same words, so more of them are read than answers are wanted.
  const perWindow = wholeWords ? topK * 2 + 10 : topK
  const answers = new Map<string, Answer>()
  let none = 1
  for (const { encoding, logits } of windows) {
    const { spans, noAnswer } = bestSpans(logits, encoding, options.maxAnswerLength, perWindow)
    none = Math.min(none, noAnswer)
    for (const span of spans) {
      const { first, last } = wholeWords ? widen(encoding, span) : span
      const start = encoding.starts[first] as number
      const end = encoding.ends[last] as number
      const answer = context.slice(start, end)
      const key = answer.length > LONGEST_KEY ? `${start} ${end}` : answer.toLowerCase()
      const known = answers.get(key)
      if (known) known.score += span.score
      else answers.set(key, { score: span.score, start, end, answer })
    }
  }
  const all = [...answers.values()]
  if (impossible) all.push({ score: none, start: 0, end: 0, answer: '' })
  if (all.length === 0) all.push({ score: 0, start: 0, end: 0, answer: '' })
  return all.sort((a, b) => b.score - a.score).slice(0, topK)
}

/**
 * The `count` most likely spans of a window's context, best first, and the probability that there is none ([CLS] for
 * both ends). Looks at no more than tokens × maxAnswerLength pairs.
 */
function bestSpans(logits: Rows, encoding: Encoding, maxAnswerLength: number, count: number) {
  const from = encoding.sequenceIds.indexOf(1)
  const tokens = from === -1 ? 0 : encoding.sequenceIds.lastIndexOf(1) - from + 1
  const starts = probabilities(logits, 0, from, tokens)
  const ends = probabilities(logits, 1, from, tokens)
  const width = Math.min(maxAnswerLength, tokens)
  /** [tokens, width]: token × tokens after it; -1 past the end. */
  const scores = new Float64Array(tokens * width).fill(-1)
  for (let first = 0; first < tokens; first++) {
    for (let length = 0; length < width && first + length < tokens; length++) {
      scores[first * width + length] = (starts[first + 1] as number) * (ends[first + length + 1] as number)
    }
  }
  const spans: Span[] = []
  for (const index of topIndices(scores, count)) {
    const score = scores[index] as number
    if (score < 0) break
    const first = from + Math.floor(index / width)
    spans.push({ first, last: first + (index % width), score })
  }
  return { spans, noAnswer: (starts[0] as number) * (ends[0] as number) }
}

/** Softmax of one column over [CLS] (index 0) and the context's tokens (from index 1). */
function probabilities(logits: Rows, column: number, from: number, tokens: number): Float64Array {
  const chosen = new Float64Array(tokens + 1)
  chosen[0] = logits.data[column] as number
  for (let i = 0; i < tokens; i++) chosen[i + 1] = logits.data[(from + i) * logits.columns + column] as number
  return softmax(chosen)
}

/** A span widened to the words at its ends, as far as they lie in the window. */
function widen({ wordIds, sequenceIds }: Encoding, { first, last }: Span): { first: number; last: number } {
  const sameWord = (a: number, b: number) => sequenceIds[b] === 1 && wordIds[a] === wordIds[b]
  let left = first
  let right = last
  while (sameWord(left, left - 1)) left--
  while (sameWord(right, right + 1)) right++
  return { first: left, last: right }
}
