/** Offsets of answers: UTF-16 units inside, code points on the wire unless the caller asks for JavaScript's own. */
import { z } from 'zod'
import { codePointOffsets } from '../tokenizer/index.ts'

type OffsetType = 'codepoint' | 'utf16'

/** The parameter of every task that answers offsets. */
export const offsets = {
  offset_type: z
    .enum(['codepoint', 'utf16'])
    .nullish()
    .describe('What start and end count: Unicode code points (default) or UTF-16 units, as JavaScript strings do.'),
}

/** @returns a function from UTF-16 offsets in `text` to the offsets that the caller wants */
export function wireOffsets(text: string, type: OffsetType | null | undefined): (offset: number) => number {
  return type === 'utf16' ? (offset) => offset : codePointOffsets(text)
}
