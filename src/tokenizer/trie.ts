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

/** The tree before it is laid out: nodes in insertion order, children found by hash of (parent, code). */
class Tree {
  nodes = 2
  /** Per node. Nodes 0 and 1 are the roots. */
  code = new Int32Array(1 << 12)
  value = new Int32Array(1 << 12).fill(-1)
  firstChild = new Int32Array(1 << 12).fill(-1)
  nextSibling = new Int32Array(1 << 12).fill(-1)
  parent = new Int32Array(1 << 12)
  #slots = new Int32Array(1 << 13).fill(-1)

  child(parent: number, code: number): number {
    let slot = this.#slot(parent, code)
    const found = this.#slots[slot] as number
    if (found >= 0) return found
    if (this.nodes === this.code.length) {
      this.#grow()
      slot = this.#slot(parent, code)
    }
    const node = this.nodes++
    this.#slots[slot] = node
    this.code[node] = code
    this.parent[node] = parent
    this.nextSibling[node] = this.firstChild[parent] as number
    this.firstChild[parent] = node
    return node
  }

  #slot(parent: number, code: number): number {
    const mask = this.#slots.length - 1
    let slot = (Math.imul(parent, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b)) >>> 0
    slot = (slot ^ (slot >>> 15)) & mask
    for (;;) {
      const node = this.#slots[slot] as number
      if (node < 0 || (this.parent[node] === parent && this.code[node] === code)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const size = this.code.length * 2
    this.code = grown(this.code, size, 0)
    this.parent = grown(this.parent, size, 0)
    this.value = grown(this.value, size, -1)
    this.firstChild = grown(this.firstChild, size, -1)
    this.nextSibling = grown(this.nextSibling, size, -1)
    this.#slots = new Int32Array(size * 2).fill(-1)
    for (let node = 2; node < this.nodes; node++) {
      this.#slots[this.#slot(this.parent[node] as number, this.code[node] as number)] = node
    }
  }
}

function grown(array: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size).fill(filler, array.length)
  larger.set(array)
  return larger
}

/** The double array while it is filled. */
class Layout {
  base: Int32Array
  check: Int32Array
  value: Int32Array
  #taken: Uint8Array
  /** Slots before this one are taken, or left alone because too few of them are free to be worth a look. */
  #from = CONTINUATION_ROOT + 1

  constructor(size: number) {
    this.base = new Int32Array(size)
    this.check = new Int32Array(size).fill(-1)
    this.value = new Int32Array(size).fill(-1)
    this.#taken = new Uint8Array(size)
  }

  /** Takes one slot for each of `codes` (ascending). @returns the base that they share */
  place(codes: readonly number[]): number {
    const lowest = codes[0] as number
    const span = (codes[codes.length - 1] as number) - lowest
    let slot = Math.max(this.#from, lowest + 1)
    for (let tries = 0; ; slot++) {
      if (slot + span >= this.base.length) this.#extend(slot + span + 1)
      if (this.#taken[slot] === 1) continue
      if (this.#fits(slot - lowest, codes)) break
      if (++tries === WORTH_TRYING) this.#from = slot
    }
    for (const code of codes) this.#taken[slot - lowest + code] = 1
    while (this.#taken[this.#from] === 1) this.#from++
    return slot - lowest
  }

  #fits(base: number, codes: readonly number[]): boolean {
    for (const code of codes) if (this.#taken[base + code] === 1) return false
    return true
  }

  #extend(least: number): void {
    const size = Math.max(least, this.base.length * 2)
    this.base = grown(this.base, size, 0)
    this.check = grown(this.check, size, -1)
    this.value = grown(this.value, size, -1)
    const taken = new Uint8Array(size)
    taken.set(this.#taken)
    this.#taken = taken
  }
}

/** After so many free slots that didn't fit, the search never starts before them again: it keeps building linear. */
const WORTH_TRYING = 512

/**
 * Builds the trie of a vocabulary. Later entries with an equal key win.
 * @param keys [ids] codes of each token's text without its continuation prefix
 * @param isContinuation [ids] 1 for tokens that had the prefix
 * @param alphabet the largest code
 */
export function buildTrie(
  keys: readonly (readonly number[])[],
  isContinuation: ArrayLike<number>,
  alphabet: number,
): Trie {
  const tree = new Tree()
  for (let id = 0; id < keys.length; id++) {
    let node = isContinuation[id] ? 1 : 0
    for (const code of keys[id] as readonly number[]) node = tree.child(node, code)
    tree.value[node] = id
  }
  return layOut(tree, alphabet)
}

function layOut(tree: Tree, alphabet: number): Trie {
  const layout = new Layout(Math.max(1024, tree.nodes))
  const stateOf = new Int32Array(tree.nodes)
  stateOf[0] = WORD_ROOT
  stateOf[1] = CONTINUATION_ROOT
  let states = CONTINUATION_ROOT
  // Nodes come before their children in insertion order, so one pass from the roots places everything.
  for (let node = 0; node < tree.nodes; node++) {
    const state = stateOf[node] as number
    layout.value[state] = tree.value[node] as number
    const children: number[] = []
    for (let c = tree.firstChild[node] as number; c >= 0; c = tree.nextSibling[c] as number) children.push(c)
    if (children.length === 0) continue
    children.sort((a, b) => (tree.code[a] as number) - (tree.code[b] as number))
    const base = layout.place(children.map((c) => tree.code[c] as number))
    layout.base[state] = base
    for (const c of children) {
      const slot = base + (tree.code[c] as number)
      layout.check[slot] = state
      stateOf[c] = slot
      if (slot > states) states = slot
    }
  }
  // A step from any state with any code stays inside the arrays, so the hot loop needs no bounds check.
  const size = states + alphabet + 2
  return {
    base: fitted(layout.base, size, 0),
    check: fitted(layout.check, size, -1),
    value: fitted(layout.value, size, -1),
  }
}

function fitted(array: Int32Array, size: number, filler: number): Int32Array {
  return array.length >= size ? array.slice(0, size) : grown(array, size, filler)
}
