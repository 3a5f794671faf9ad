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

/** A token with none of these after its space, and no other space, has nothing to clean. */
const FIRST_TO_CLEAN = new Set(TOKEN_CLEAN_UP.map(([from]) => from[1]))

function cleanToken(text: string): string {
  const isClean = text.lastIndexOf(' ') <= 0 && !FIRST_TO_CLEAN.has(text[1])
  return isClean ? text : cleanUp(text, TOKEN_CLEAN_UP)
}

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
  const pieces: string[] = []
  for (const token of tokens) pieces.push(cleanToken(pieces.length === 0 ? token : detached(token)))
  // Adding them up would make a tree of strings, which takes several times the memory of its text.
  const text = pieces.join('')
  return cleanUpSpaces ? cleanUp(text, TEXT_CLEAN_UP) : text
}

function detached(token: string): string {
  return token.startsWith(CONTINUATION_PREFIX) ? token.slice(CONTINUATION_PREFIX.length) : ` ${token}`
}
