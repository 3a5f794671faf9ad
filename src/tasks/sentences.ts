/**
 * Sentence splitting by rules: every sentence terminator of Unicode (UAX 29's Sentence_Terminal: . ! ? 。 ؟ । …) is a
 * candidate, and what stands around it decides. Intl.Segmenter is in workerd, but knows no abbreviations, ends a sentence
 * at every line break and inside URLs, and never before a lower-case letter; where it is right (scripts whose
 * terminators mean nothing else) the tests hold this file to it.
 */
import { AFTER_ORDINALS, BEFORE_NUMBERS, EITHER, SPEECH, STARTERS, TITLES } from './abbreviations.ts'

/** UTF-16 offsets into the text, end exclusive; neither begins nor ends with white space. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A line at least this long was probably broken by a program, not by its author. */
const WRAPPED_LINE = 60
/** A shorter line is not broken in the middle of a sentence: apples, and below it pears. */
const SHORTEST_LINE = 20
/** Brackets that are not closed within so many characters are not taken for brackets. */
const BRACKET_REACH = 200
/** The longest stretch before a stop that is looked at. */
const WORD_REACH = 40

/**
 * Terminators, what closes after them (quotes, also German “ and French »; brackets; a reference mark such as [12]),
 * and white space. A semicolon after a Greek letter is a question mark.
 */
const STOP =
  /([\p{Sentence_Terminal}…\u037e]+|(?<=\p{Script=Greek});)((?:["'”’»)\]}」』）】〉》›*_]|[“‘](?=\s|$)|[ \u00a0\u202f]»(?![\p{L}\p{N}])|\[\d{1,3}\])*)(\s*)/gu
const OPENERS = /^["'“‘„‚«‹([{「『（【〈《¿¡*_—–-]+\s?/u
const LIST_ITEM = /^\s*(?:[-*+•‣▪◦–—]|\(?(?:\d{1,3}|\p{L})[.)])\s/u
/** Der 2. Weltkrieg */
const GERMAN_ORDINAL = /(?:^|\s)(?:der|das|dem|des|vom|zum|zur|beim)\s+\d{1,2}$/i
const LINE = /[^\r\n\f\v\u0085\u2028\u2029]+/g
const LINE_BREAK = /\r\n|[\r\n\f\v\u0085\u2028\u2029]/g

/**
 * @param most the text is not read further once it has so many sentences
 * @returns spans in order that cover all of the text but white space between sentences
 */
export function splitSentences(text: string, most = Number.POSITIVE_INFINITY): Span[] {
  const cased = /\p{Lu}/u.test(text)
  const spans: Span[] = []
  for (const block of blocks(text)) {
    for (const span of splitBlock(text, block, cased)) spans.push(span)
    if (spans.length >= most) break
  }
  return spans
}

/** Stretches of text that no sentence crosses: lines, joined where only the width of a page broke them. */
function* blocks(text: string): Generator<Span, void> {
  let last: Span | undefined
  let before = ''
  let end = 0
  for (const match of text.matchAll(LINE)) {
    const line = match[0]
    if (line.trim() === '') continue
    const blank = (text.slice(end, match.index).match(LINE_BREAK)?.length ?? 0) > 1
    end = match.index + line.length
    if (last && goesOn(before, line, blank)) last = { start: last.start, end }
    else {
      if (last) yield last
      last = { start: match.index, end }
    }
    before = line
  }
  if (last) yield last
}

/** Whether a line continues the one before it. Across a blank line (text taken from a PDF) only plain cases count. */
function goesOn(before: string, line: string, blank: boolean): boolean {
  if (LIST_ITEM.test(line)) return false
  const written = before.trim()
  if (/[\p{Sentence_Terminal}…:]["'“”’»)\]]*$/u.test(written.slice(-5))) return false
  const lower = /^\s*\p{Ll}/u.test(line)
  const long = written.length >= WRAPPED_LINE
  if (blank) return long && lower
  return long || /[,;-]$/.test(written) || (lower && written.length >= SHORTEST_LINE)
}

function splitBlock(text: string, block: Span, cased: boolean): Span[] {
  const body = text.slice(block.start, block.end)
  const spans: Span[] = []
  const brackets = bracketReader(body)
  let start = 0
  const push = (end: number) => {
    const sentence = body.slice(start, end)
    const lead = sentence.length - sentence.trimStart().length
    const trimmed = sentence.trim().length
    if (trimmed > 0) spans.push({ start: block.start + start + lead, end: block.start + start + lead + trimmed })
    start = end
  }
  for (const match of body.matchAll(STOP)) {
    const [, stop = '', close = '', gap = ''] = match
    const closed = match.index + stop.length + close.length
    const candidate = {
      stop,
      close,
      gap,
      before: body.slice(Math.max(start, match.index - WORD_REACH), match.index),
      opening: start >= match.index - WORD_REACH,
      after: body.slice(closed + gap.length, closed + gap.length + WORD_REACH),
      cased,
    }
    if (!ends(candidate) || brackets(start, closed)) continue
    push(closed)
  }
  push(body.length)
  return spans
}

interface Candidate {
  /** The terminators themselves. */
  readonly stop: string
  /** Quotes and brackets right after them. */
  readonly close: string
  readonly gap: string
  /** Text of the sentence so far, or the end of it. */
  readonly before: string
  /** True when `before` begins where the sentence does. */
  readonly opening: boolean
  readonly after: string
  /** False for text without any capital letter, where lower case says nothing. */
  readonly cased: boolean
}

function ends(candidate: Candidate): boolean {
  const { stop, close, gap, before, after } = candidate
  if (after === '') return true
  if (/[^!-~…‼⁇⁈⁉]/u.test(stop)) return endsForeign(candidate)
  if (gap === '') return false
  const next = after.replace(OPENERS, '')
  if (/^[\p{Pd}\p{Pc},;:)\]}\p{Sentence_Terminal}…%]/u.test(next)) return false
  const lower = candidate.cased && /^\p{Ll}(?!\p{Ll}*\p{Lu})/u.test(next)
  if (lower || (/…|\.\./.test(stop) && /^I\b/.test(next))) return false
  if (/["'“‘”’»]/.test(close) && speechFollows(next)) return false
  return stop !== '.' || close !== '' || !abbreviates(before, next, candidate.opening)
}

/** Terminators of scripts that put no space after them, or that mean nothing else. */
function endsForeign({ stop, close, gap, before, after }: Candidate): boolean {
  if (gap === '' && /\d$/.test(before.normalize('NFKC')) && /^\d/.test(after.normalize('NFKC'))) return false
  const quoted = gap === '' && /[」』”’）》〉]/u.test(close)
  if (quoted && (/^[とって、，,]/u.test(after) || (/[？！?!]$/u.test(stop) && /^\p{L}/u.test(after)))) return false
  return !/^[\p{Sentence_Terminal},，、;；:：]/u.test(after)
}

/** “Really?” Anna asked; but “Stop!” He said nothing. */
function speechFollows(next: string): boolean {
  const [first = '', second = '', third = ''] = next.split(/[^\p{L}\p{M}'’-]+/u)
  if (first !== 'I' && STARTERS.has(first.toLowerCase()))
    return SPEECH.has(third) && /^(the|my|his|her|our|their)$/i.test(first)
  return SPEECH.has(second) || (/^\p{Lu}/u.test(second) && SPEECH.has(third))
}

/** Whether the stop after `before` belongs to an abbreviation, an initial or a number, and the sentence goes on. */
function abbreviates(before: string, next: string, opening: boolean): boolean {
  const word = /[\p{L}\p{M}\p{N}.'’º]*$/u.exec(before)?.[0].replace(/^[.'’]+/, '') ?? ''
  const lower = word.toLowerCase()
  const nextWord = /^[\p{L}\p{M}\p{N}'’]+/u.exec(next)?.[0] ?? ''
  const starts = STARTERS.has(nextWord.toLowerCase()) && !/^\p{L}\./u.test(next)
  const atStart = opening && before.trim().replace(OPENERS, '') === word
  if (atStart && /^(?:\d{1,3}|\p{L}|[ivx]{1,5})$/iu.test(word)) return !(word === 'I' && starts)
  if (/[:;,(]\s*\d{1,2}$/.test(before) || TITLES.has(lower)) return true
  if (BEFORE_NUMBERS.has(lower) && /^(?:\d|[IVXLC]+\b)/.test(next)) return true
  if (/^\d{1,2}$/.test(word) && (GERMAN_ORDINAL.test(before) || AFTER_ORDINALS.has(nextWord.toLowerCase()))) return true
  // z. B., d. h., т. е.: a letter, and another letter with a stop.
  if (/^\p{L}$/u.test(word) && word !== 'I' && /^\p{L}\.(?:\s|$)/u.test(next)) return true
  if (/^[ap]\.?m$/i.test(word))
    return /^(?:[A-Z]{2,4}\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|East|West|Pac|Cent|Mount)\w*)/.test(next)
  if (EITHER.has(lower) || /^(?:\p{L}\.)+\p{L}$/u.test(word)) return !starts && nextWord !== ''
  if (/^\p{Lu}$/u.test(word)) return !starts && word !== 'I' && nextWord !== ''
  return false
}

/**
 * Says whether a position lies inside round or square brackets that were opened at or after `start` and close soon:
 * a whole remark in brackets belongs to its sentence. Positions must not fall from call to call.
 */
function bracketReader(body: string): (start: number, position: number) => boolean {
  let read = 0
  let open: number[] = []
  return (start, position) => {
    for (; read < position; read++) {
      const character = body[read] as string
      if ('([（'.includes(character)) {
        const smiley = /[:;=-]/.test(body[read - 1] ?? '')
        if (!smiley) open.push(read)
      } else if (')]）'.includes(character)) open.pop()
    }
    open = open.filter((index) => index >= start)
    const last = open.at(-1)
    return last !== undefined && /[)\]）]/.test(body.slice(position, last + BRACKET_REACH))
  }
}
