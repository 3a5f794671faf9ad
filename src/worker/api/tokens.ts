/** Tokens in contracts: lists of ids, and texts that are encoded whole for a caller who wants to see their tokens. */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { BertTokenizer, Encoding } from '../../tokenizer/index.ts'
import type { Call } from '../inference.ts'

/** Longer than any model's or batch's; a longer list is refused before its elements are looked at. */
const MOST_IDS = 65_536

export const tokenList = z.array(z.int().min(0)).max(MOST_IDS)

/**
 * @param field what the contract calls the texts
 * @throws ServiceError('validation') with both numbers when they have more tokens in all than a request may have; far
 *   over that they are not all counted
 */
export function encodeAll(
  call: Call,
  tokenizer: BertTokenizer,
  texts: readonly string[],
  addSpecialTokens: boolean,
  field: string,
): Encoding[] {
  const most = call.ports.tokens.batch
  const encodings: Encoding[] = []
  let total = 0
  call.usage.measure('tokenize', () => {
    for (const text of texts) {
      const encoding = tokenizer.encode(text, { addSpecialTokens, maxLength: 2 * most })
      total += encoding.length
      if (total >= 2 * most) break
      encodings.push(encoding)
    }
  })
  if (total <= most) return encodings
  const given = `${total >= 2 * most ? 'at least ' : ''}${total}`
  throw invalid(`\`${field}\` must have at most ${most} tokens in all. Given: ${given}`, field)
}
