/** Tokens in contracts: lists of ids, and texts that are encoded whole for a caller who wants to see their tokens. */
import { z } from 'zod'
import { invalid } from '../../errors.ts'
import type { BertTokenizer, Encoding } from '../../tokenizer/index.ts'
import type { Call } from '../inference.ts'

/** Longer than any model's or batch's; a longer list is refused before its elements are looked at. */
const MOST_IDS = 65_536

const tokenId = z.int().min(0)

/** Told of the first id at fault only: zod would keep a fault for each, which takes 300 times as much as the id in the body. */
export const tokenList = z
  .array(z.custom<number>())
  .max(MOST_IDS)
  .check(({ value, issues }) => {
    const at = value.findIndex((id) => !(Number.isSafeInteger(id) && id >= 0))
    const [issue] = at === -1 ? [] : (tokenId.safeParse(value[at], { reportInput: true }).error?.issues ?? [])
    if (issue) issues.push({ ...issue, path: [at] } as z.core.$ZodRawIssue)
  })
  .meta({ items: { type: 'integer', minimum: 0 } })

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
