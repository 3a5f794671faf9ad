/** The reference's WordPiece decoder (decoders/wordpiece.rs) and transformers' clean-up after it. */

const CONTINUATION_PREFIX = '##'

/** Artefacts of English tokenization, replaced in this order. Each token is cleaned of these, also of "do not". */
const TOKEN_CLEAN_UP: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]
/** The same in `clean_up_tokenization` of transformers, which leaves "do not" alone. */
const TEXT_CLEAN_UP = TOKEN_CLEAN_UP.filter(([from]) => from !== ' do not')

function cleanUp(text: string, replacements: typeof TOKEN_CLEAN_UP): string {
  let clean = text
  for (const [from, to] of replacements) clean = clean.replaceAll(from, to)
  return clean
}

/**
 * Joins tokens to text: pieces with "##" are glued on, others follow after a space.
 * @param cleanUpSpaces also clean the whole text, as BertTokenizerFast.decode(clean_up_tokenization_spaces=True)
 */
export function joinTokens(tokens: Iterable<string>, cleanUpSpaces: boolean): string {
  let text = ''
  let isFirst = true
  for (const token of tokens) {
    text += cleanUp(isFirst ? token : detached(token), TOKEN_CLEAN_UP)
    isFirst = false
  }
  return cleanUpSpaces ? cleanUp(text, TEXT_CLEAN_UP) : text
}

function detached(token: string): string {
  return token.startsWith(CONTINUATION_PREFIX) ? token.slice(CONTINUATION_PREFIX.length) : ` ${token}`
}
