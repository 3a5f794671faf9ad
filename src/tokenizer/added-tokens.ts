/**
 * The reference's AddedVocabulary for special tokens: found in the raw text, case-sensitively, before anything is
 * normalized, and never split. Where one begins inside another, the leftmost wins, then the longest.
 */
export class AddedTokens {
  readonly #ids: ReadonlyMap<string, number>
  readonly #pattern: RegExp

  /** @param ids token text → id; texts are not empty */
  constructor(ids: ReadonlyMap<string, number>) {
    this.#ids = ids
    const longestFirst = [...ids.keys()].sort((a, b) => b.length - a.length)
    this.#pattern = new RegExp(longestFirst.map((token) => escaped(token)).join('|'), 'g')
  }

  /**
   * Calls `plain` for each stretch without special tokens and `special` for each token, in order, for as long as they
   * return true. Stretches may be empty.
   */
  split(
    text: string,
    plain: (from: number, to: number) => boolean,
    special: (id: number, from: number, to: number) => boolean,
  ): void {
    let from = 0
    this.#pattern.lastIndex = 0
    for (let match = this.#pattern.exec(text); match !== null; match = this.#pattern.exec(text)) {
      const { index } = match
      if (!plain(from, index)) return
      from = index + match[0].length
      if (!special(this.#ids.get(match[0]) as number, index, from)) return
    }
    plain(from, text.length)
  }
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
