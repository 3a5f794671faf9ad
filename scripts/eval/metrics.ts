/** The metrics of the field, as their papers' scripts compute them. Pure. */

/** Share of equal pairs, in [0, 1]. */
export function accuracy(predicted: readonly string[], gold: readonly string[]): number {
  return predicted.filter((label, i) => label === gold[i]).length / gold.length
}

/** Entities of a BIO2 tag sequence as `type:first:last` (conlleval: an I- after another type begins an entity). */
function entities(tags: readonly string[]): Set<string> {
  const found = new Set<string>()
  let open: { type: string; first: number } | null = null
  const close = (last: number) => {
    if (open) found.add(`${open.type}:${open.first}:${last}`)
    open = null
  }
  tags.forEach((tag, i) => {
    const type = tag.slice(2)
    if (tag === 'O') close(i - 1)
    else if (tag.startsWith('B-') || open?.type !== type) {
      close(i - 1)
      open = { type, first: i }
    }
  })
  close(tags.length - 1)
  return found
}

/** Micro-averaged F1 over exactly matching entities (Tjong Kim Sang and De Meulder 2003), in [0, 1]. */
export function entityF1(predicted: readonly string[][], gold: readonly string[][]): number {
  let correct = 0
  let guesses = 0
  let truths = 0
  gold.forEach((tags, i) => {
    const truth = entities(tags)
    const guess = entities(predicted[i] ?? [])
    truths += truth.size
    guesses += guess.size
    for (const entity of guess) if (truth.has(entity)) correct++
  })
  return (2 * correct) / (guesses + truths)
}

/** SQuAD's normalisation: lower case, no punctuation, no articles, single spaces. */
function answerWords(text: string): string[] {
  const plain = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '')
  return plain
    .replace(/\b(a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
}

/** Best exact match and token F1 over the accepted answers (Rajpurkar et al. 2016), each in [0, 1]. */
export function squadScore(predicted: string, accepted: readonly string[]): { exact: number; f1: number } {
  const guess = answerWords(predicted)
  const scores = accepted.map((answer) => {
    const truth = answerWords(answer)
    const left = [...truth]
    const common = guess.filter((word) => {
      const at = left.indexOf(word)
      if (at >= 0) left.splice(at, 1)
      return at >= 0
    }).length
    const exact = guess.join(' ') === truth.join(' ') ? 1 : 0
    if (guess.length === 0 || truth.length === 0) return { exact, f1: exact }
    return { exact, f1: (2 * common) / (guess.length + truth.length) }
  })
  return { exact: Math.max(...scores.map((s) => s.exact)), f1: Math.max(...scores.map((s) => s.f1)) }
}
