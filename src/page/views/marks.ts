/** A text with parts of it marked in place: names, answers, the sentences of a summary, the use of a word. */
import { type Child, h } from '../dom.ts'

export interface Mark {
  /** UTF-16 offsets. */
  readonly start: number
  readonly end: number
  readonly class: string
  /** A word behind the marked text. */
  readonly tag?: Child
  readonly title?: string
}

/** @param marks the best first: of those that overlap, the first counts */
export function marked(text: string, marks: readonly Mark[]): HTMLElement {
  const pieces: Child[] = []
  let at = 0
  for (const mark of apart(marks).sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, mark.start))
    const tag = mark.tag ? h('small', { class: 'tag' }, mark.tag) : null
    pieces.push(h('mark', { class: mark.class, title: mark.title ?? null }, text.slice(mark.start, mark.end), tag))
    at = mark.end
  }
  return h('p', { class: 'passage' }, ...pieces, text.slice(at))
}

function apart(marks: readonly Mark[]): Mark[] {
  const kept: Mark[] = []
  for (const mark of marks) {
    if (kept.every(({ start, end }) => mark.end <= start || end <= mark.start)) kept.push(mark)
  }
  return kept
}
