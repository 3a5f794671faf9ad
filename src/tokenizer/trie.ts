/**
 * A double-array trie (Aoe 1989) over character codes: state s goes to base[s] + code when check[there] is s.
 * Three flat Int32Arrays, so it is stored and read back without parsing, and a step is one addition and one comparison.
 * Codes are 1..alphabet; the maker of the codes is alphabet.ts.
 */

/** Where words begin, and where their continuations ("##…", stored without the prefix) begin. State 0 is unused. */
export const WORD_ROOT = 1
export const CONTINUATION_ROOT = 2

export interface Trie {
  /** [states] Offset of a state's children. */
  base: Int32Array
  /** [states] Parent of a state, -1 for roots and free slots. */
  check: Int32Array
  /** [states] Id of the token that ends in a state, -1 for none. */
  value: Int32Array
}

/**
 * Follows `codes[from..to)` from a root.
 * @returns the state reached, or 0 when there is no such path.
 */
export function walk(trie: Trie, root: number, codes: ArrayLike<number>, from: number, to: number): number {
  let state = root
  for (let i = from; i < to; i++) {
    const next = (trie.base[state] as number) + (codes[i] as number)
    if (trie.check[next] !== state) return 0
    state = next
  }
  return state
}
