/** Builds a trie (trie.ts) from words given one by one: first a tree, then its layout as a double array. */
import { CONTINUATION_ROOT, type Trie, WORD_ROOT } from './trie.ts'

/** After so many free slots that didn't fit, the search never starts before them again: building stays linear. */
const WORTH_TRYING = 32

export class TrieBuilder {
  readonly #tree: Tree
  /** [ids] The node in which each token ends. */
  readonly #ends: number[] = []

  /** @param expected about how many nodes there will be */
  constructor(expected: number) {
    this.#tree = new Tree(2 ** Math.ceil(Math.log2(expected + 16)))
  }

  /** The root for words, or for what continues them. */
  root(isContinuation: boolean): number {
    return isContinuation ? 1 : 0
  }

  /** The node that `code` leads to, made when there is none. */
  child(node: number, code: number): number {
    return this.#tree.child(node, code)
  }

  /** Ends the next token in a node; of several in one node the last counts. */
  end(node: number): void {
    this.#tree.value[node] = this.#ends.length
    this.#ends.push(node)
  }

  /**
   * @param alphabet the largest code
   * @returns the trie and [ids] the state in which each token ends
   */
  build(alphabet: number): { trie: Trie; states: Int32Array } {
    const { trie, stateOf } = layOut(this.#tree, alphabet)
    return { trie, states: Int32Array.from(this.#ends, (node) => stateOf[node] as number) }
  }
}

/** Nodes in insertion order, children found by hash of (parent, code). Nodes 0 and 1 are the roots. */
class Tree {
  nodes = 2
  code: Int32Array
  value: Int32Array
  parent: Int32Array
  /** Lists of children, the last one first. 0 ends them: a root is nobody's child. */
  lastChild: Int32Array
  previousSibling: Int32Array
  /** Node at each slot, 0 for none. */
  #slots: Int32Array

  /** @param capacity a power of two; grows when it is too small */
  constructor(capacity: number) {
    this.code = new Int32Array(capacity)
    this.value = new Int32Array(capacity).fill(-1)
    this.parent = new Int32Array(capacity)
    this.lastChild = new Int32Array(capacity)
    this.previousSibling = new Int32Array(capacity)
    this.#slots = new Int32Array(capacity * 4)
  }

  child(parent: number, code: number): number {
    const slot = this.#slot(parent, code)
    const found = this.#slots[slot] as number
    return found > 0 ? found : this.#add(parent, code, slot)
  }

  #add(parent: number, code: number, slot: number): number {
    if (this.nodes === this.code.length) {
      this.#grow()
      return this.child(parent, code)
    }
    const node = this.nodes++
    this.#slots[slot] = node
    this.code[node] = code
    this.parent[node] = parent
    this.previousSibling[node] = this.lastChild[parent] as number
    this.lastChild[parent] = node
    return node
  }

  #slot(parent: number, code: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(code, 0x85ebca6b)
    hash ^= hash >>> 15
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = slots[slot] as number
      if (node === 0 || (this.parent[node] === parent && this.code[node] === code)) return slot
    }
  }

  #grow(): void {
    const size = this.code.length * 2
    this.code = grown(this.code, size, 0)
    this.value = grown(this.value, size, -1)
    this.parent = grown(this.parent, size, 0)
    this.lastChild = grown(this.lastChild, size, 0)
    this.previousSibling = grown(this.previousSibling, size, 0)
    this.#slots = new Int32Array(size * 4)
    for (let node = 2; node < this.nodes; node++) {
      this.#slots[this.#slot(this.parent[node] as number, this.code[node] as number)] = node
    }
  }
}

function grown(array: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size)
  if (filler !== 0) larger.fill(filler, array.length)
  larger.set(array)
  return larger
}

/** Which slots of the double array are free. */
class Slots {
  #taken = new Uint8Array(1 << 17)
  /** Slots before this one are taken, or left alone because too few of them are free to be worth a look. */
  #from = CONTINUATION_ROOT + 1
  /** The largest slot taken. */
  last = CONTINUATION_ROOT

  /** Takes a slot for each of codes[0..count), ascending. @returns the base that they share, at least 1 */
  place(codes: Int32Array, count: number): number {
    const lowest = codes[0] as number
    const highest = codes[count - 1] as number
    let base = Math.max(this.#from - lowest, 1)
    for (let tries = 0; ; base++) {
      if (base + highest >= this.#taken.length) this.#extend(base + highest + 1)
      if (this.#taken[base + lowest] === 1) continue
      if (this.#fits(base, codes, count)) break
      if (++tries === WORTH_TRYING) this.#from = base + lowest
    }
    for (let i = 0; i < count; i++) this.#taken[base + (codes[i] as number)] = 1
    while (this.#taken[this.#from] === 1) this.#from++
    this.last = Math.max(this.last, base + highest)
    return base
  }

  #fits(base: number, codes: Int32Array, count: number): boolean {
    for (let i = 1; i < count; i++) if (this.#taken[base + (codes[i] as number)] === 1) return false
    return true
  }

  #extend(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.#taken.length * 2))
    larger.set(this.#taken)
    this.#taken = larger
  }
}

function layOut(tree: Tree, alphabet: number): { trie: Trie; stateOf: Int32Array } {
  const slots = new Slots()
  const stateOf = new Int32Array(tree.nodes)
  const baseOf = new Int32Array(tree.nodes)
  stateOf[0] = WORD_ROOT
  stateOf[1] = CONTINUATION_ROOT
  const codes = new Int32Array(alphabet)
  for (let node = 0; node < tree.nodes; node++) {
    let count = 0
    for (let c = tree.lastChild[node] as number; c > 0; c = tree.previousSibling[c] as number) {
      codes[count++] = tree.code[c] as number
    }
    if (count === 0) continue
    if (count > 1) codes.subarray(0, count).sort()
    const base = slots.place(codes, count)
    baseOf[node] = base
    for (let c = tree.lastChild[node] as number; c > 0; c = tree.previousSibling[c] as number) {
      stateOf[c] = base + (tree.code[c] as number)
    }
  }
  // A step from any state with any code stays inside the arrays, so the hot loop needs no bounds check.
  const size = slots.last + alphabet + 1
  const trie = {
    base: new Int32Array(size),
    check: new Int32Array(size).fill(-1),
    value: new Int32Array(size).fill(-1),
  }
  for (let node = 0; node < tree.nodes; node++) {
    const state = stateOf[node] as number
    trie.base[state] = baseOf[node] as number
    trie.value[state] = tree.value[node] as number
    if (node > 1) trie.check[state] = stateOf[tree.parent[node] as number] as number
  }
  return { trie, stateOf }
}
