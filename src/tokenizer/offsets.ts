/** UTF-16 units per entry of the index; a look-up counts at most so many. */
const BLOCK = 64

/**
 * Maps offsets in UTF-16 code units to offsets in code points, for answers that Python clients read.
 * @returns a function of an offset 0..text.length. The first call's work is linear in the text, each look-up constant.
 * An offset inside a surrogate pair counts as that character's own; a lone surrogate is one code point.
 */
export function codePointOffsets(text: string): (offset: number) => number {
  const before = pairsBeforeBlocks(text)
  if (before === null) return (offset) => offset
  return (offset) => {
    const block = Math.floor(offset / BLOCK)
    let pairs = before[block] as number
    for (let i = block * BLOCK; i < offset; i++) if (startsPair(text, i)) pairs++
    return offset - pairs
  }
}

/** Surrogate pairs that begin before each block; null when there is none in the text. */
function pairsBeforeBlocks(text: string): Int32Array | null {
  const before = new Int32Array(Math.floor(text.length / BLOCK) + 1)
  let pairs = 0
  for (let i = 0; i < text.length; i++) {
    if (i % BLOCK === 0) before[i / BLOCK] = pairs
    if (startsPair(text, i)) pairs++
  }
  if (text.length % BLOCK === 0) before[text.length / BLOCK] = pairs
  return pairs === 0 ? null : before
}

/** Whether a pair begins at `i`. */
function startsPair(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
}
