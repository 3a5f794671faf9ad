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

/** Of marks that overlap, the first counts. */
export function marked(text: string, marks: readonly Mark[]): HTMLElement {
  const pieces: Child[] = []
  let at = 0
  for (const mark of marks.toSorted((a, b) => a.start - b.start)) {
    if (mark.start < at) continue
    pieces.push(text.slice(at, mark.start))
    const tag = mark.tag ? h('small', { class: 'tag' }, mark.tag) : null
    pieces.push(h('mark', { class: mark.class, title: mark.title ?? null }, text.slice(mark.start, mark.end), tag))
    at = mark.end
  }
  return h('p', { class: 'passage' }, ...pieces, text.slice(at))
}
