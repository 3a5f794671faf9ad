/** Logits of token classification to entities, as transformers 4.57 TokenClassificationPipeline does it. All pure. */
import { joinTokens } from '../tokenizer/decoder.ts'
import type { BertTokenizer, Encoding } from '../tokenizer/index.ts'
import { argmax, row, softmax } from './math.ts'
import type { Rows } from './task.ts'

export type Aggregation = 'simple' | 'first' | 'average' | 'max'

/** A token of the text with the probability of each label. Offsets are UTF-16 units, `end` is exclusive. */
export interface Token {
  /** The wordpiece; of an unknown word its source. */
  readonly word: string
  readonly scores: Float32Array
  /** Row in its window. */
  readonly index: number
  readonly start: number
  readonly end: number
  readonly continuesWord: boolean
}

/** A token, or a word, with its label. */
export interface Tagged {
  readonly entity: string
  readonly score: number
  readonly index: number
  readonly word: string
  readonly start: number
  readonly end: number
}

export interface Entity {
  /** The label without B- or I-. */
  entity_group: string
  score: number
  /** The wordpieces joined: normalised text. The source is what lies between `start` and `end`. */
  word: string
  start: number
  end: number
}

/** @param logits [encoding.length, labels] */
export function readTokens(logits: Rows, encoding: Encoding, text: string, tokenizer: BertTokenizer): Token[] {
  const tokens: Token[] = []
  for (let index = 0; index < encoding.length; index++) {
    if (encoding.specialTokensMask[index] === 1) continue
    const id = encoding.ids[index] as number
    const start = encoding.starts[index] as number
    const end = encoding.ends[index] as number
    const piece = tokenizer.idToToken(id) as string
    const source = text.slice(start, end)
    const unknown = id === tokenizer.unkId
    tokens.push({
      word: unknown ? source : piece,
      // In float32, as the reference: labels that saturate at 1 are ties there.
      scores: Float32Array.from(softmax(row(logits, index))),
      index,
      start,
      end,
      // The reference's test, false positives included: a word whose accents are letters of their own in the source.
      continuesWord: !unknown && countCodePoints(piece) !== countCodePoints(source),
    })
  }
  return tokens
}

/** Each token with its most likely label. */
export function tagTokens(tokens: readonly Token[], labels: readonly string[]): Tagged[] {
  return tokens.map((token) => ({ ...token, ...best(token.scores, labels) }))
}

/** Tokens to entities, those labelled O among them. */
export function aggregate(tokens: readonly Token[], strategy: Aggregation, labels: readonly string[]): Entity[] {
  const tagged =
    strategy === 'simple'
      ? tagTokens(tokens, labels)
      : groupBy(tokens, (token) => !token.continuesWord).map((word) => tagWord(word, strategy, labels))
  return groupBy(tagged, startsEntity).map(joinEntity)
}

/** One label for all tokens of a word. */
function tagWord(word: readonly Token[], strategy: Aggregation, labels: readonly string[]): Tagged {
  const first = word[0] as Token
  const scores = strategy === 'average' ? mean(word) : strategy === 'max' ? surest(word).scores : first.scores
  return {
    ...best(scores, labels),
    index: first.index,
    word: joinWords(word),
    start: first.start,
    end: (word.at(-1) as Token).end,
  }
}

/** A tag continues the entity before it when it is of the same kind and not B. A label without prefix counts as I. */
function startsEntity({ entity }: Tagged, previous: Tagged): boolean {
  const kind = (label: string) => label.replace(/^[BI]-/, '')
  return entity.startsWith('B-') || kind(entity) !== kind(previous.entity)
}

function joinEntity(members: readonly Tagged[]): Entity {
  const first = members[0] as Tagged
  return {
    entity_group: first.entity.slice(first.entity.indexOf('-') + 1),
    score: members.reduce((sum, member) => sum + member.score, 0) / members.length,
    word: joinWords(members),
    start: first.start,
    end: (members.at(-1) as Tagged).end,
  }
}

/** Of entities of several windows that overlap, the longest stays; of equally long ones the surest. */
export function mergeOverlapping(entities: readonly Entity[]): Entity[] {
  const sorted = entities.toSorted((a, b) => a.start - b.start)
  const merged: Entity[] = []
  let previous = sorted[0]
  if (!previous) return merged
  for (const entity of sorted.slice(1)) {
    if (previous.start <= entity.start && entity.start < previous.end) {
      const longer = entity.end - entity.start - (previous.end - previous.start)
      if (longer > 0 || (longer === 0 && entity.score > previous.score)) previous = entity
    } else {
      merged.push(previous)
      previous = entity
    }
  }
  merged.push(previous)
  return merged
}

/** Consecutive items; `starts` says whether an item begins a new group after the one before it. */
function groupBy<T>(items: readonly T[], starts: (item: T, previous: T) => boolean): T[][] {
  const groups: T[][] = []
  for (const item of items) {
    const group = groups.at(-1)
    if (!group || starts(item, group.at(-1) as T)) groups.push([item])
    else group.push(item)
  }
  return groups
}

function best(scores: Float32Array, labels: readonly string[]): { entity: string; score: number } {
  const label = argmax(scores)
  return { entity: labels[label] as string, score: scores[label] as number }
}

function surest(word: readonly Token[]): Token {
  const top = (token: Token) => Math.max(...token.scores)
  return word.reduce((a, b) => (top(b) > top(a) ? b : a))
}

function mean(word: readonly Token[]): Float32Array {
  const first = word[0] as Token
  return first.scores.map(
    (_, label) => word.reduce((sum, { scores }) => sum + (scores[label] as number), 0) / word.length,
  )
}

function joinWords(parts: readonly { word: string }[]): string {
  return joinTokens(
    parts.map(({ word }) => word),
    false,
  )
}

function countCodePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
