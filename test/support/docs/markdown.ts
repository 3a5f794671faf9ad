/** Fenced blocks and generated parts of a Markdown file, by their places in it. */

export interface Block {
  readonly file: string
  /** Of the line that opens it; 1 is the first. */
  readonly line: number
  readonly language: string
  /** What follows the language on the line that opens it. */
  readonly meta: string
  readonly text: string
  /** Offsets of `text` in the file. */
  readonly start: number
  readonly end: number
  /** The settings in a comment `<!-- worker: {…} -->` right before it. */
  readonly worker: string | null
  /** The `json` or `text` block right behind it: what running it gives. */
  readonly answer: Block | null
}

const FENCE = /(?:<!-- worker: (\{.*\}) -->\n+)?^```(\w*) ?([^\n]*)\n([\s\S]*?)\n```$/gm
const ANSWERS = new Set(['json', 'text'])

/** The blocks of a file that are not themselves answers. */
export function blocksOf(file: string, markdown: string): Block[] {
  const all = [...markdown.matchAll(FENCE)].map((match): Block => {
    const [whole, worker = null, language = '', meta = '', text = ''] = match
    const end = match.index + whole.length - '\n```'.length
    const opens = match.index + whole.indexOf('```')
    const line = markdown.slice(0, opens).split('\n').length
    return { file, line, language, meta, text, start: end - text.length, end, worker, answer: null }
  })
  return all.flatMap((block, i) => {
    const before = all[i - 1]
    if (before && isAnswer(block, before, markdown)) return []
    const next = all[i + 1]
    return [next && isAnswer(next, block, markdown) ? { ...block, answer: next } : block]
  })
}

function isAnswer(block: Block, before: Block, markdown: string): boolean {
  const between = markdown.slice(before.end + '\n```'.length, block.start - opening(block).length)
  return ANSWERS.has(block.language) && !ANSWERS.has(before.language) && between.trim() === ''
}

function opening({ language, meta }: Block): string {
  return `\`\`\`${language}${meta === '' ? '' : ` ${meta}`}\n`
}

export interface Part {
  readonly name: string
  readonly text: string
  readonly start: number
  readonly end: number
}

/** What stands between `<!-- generated: name -->` and `<!-- end -->`. */
export function generatedParts(markdown: string): Part[] {
  return [...markdown.matchAll(/<!-- generated: (.*?) -->\n([\s\S]*?)<!-- end -->/g)].map((match) => {
    const [whole, name = '', text = ''] = match
    const end = match.index + whole.length - '<!-- end -->'.length
    return { name, text, start: end - text.length, end }
  })
}

/** The text with each of the places replaced. */
export function replace(
  markdown: string,
  places: readonly { start: number; end: number; replacement: string }[],
): string {
  return places
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end), markdown)
}
