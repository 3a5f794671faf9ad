import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import type { Pass } from './task.ts'
import { type Suggestion, textPrediction } from './text-prediction.ts'

/** Logits over the vocabulary: as given, and -20 for all other tokens. */
function ask(inputs: unknown, logits: Record<string, number> | Record<string, number>[], parameters: object = {}) {
  const { answer, passes } = tryTask(textPrediction, inputs, parameters, {
    logits: (_, index) => {
      const data = new Float32Array(tokenizer.vocabSize).fill(-20)
      const given = Array.isArray(logits) ? logits[index] : logits
      for (const [token, logit] of Object.entries(given ?? {})) data[tokenizer.tokenToId(token) as number] = logit
      return { data, rows: 1, columns: data.length }
    },
  })
  return { suggestions: answer as Suggestion[], passes }
}
const words = (suggestions: Suggestion[]) => suggestions.map(({ token_str }) => token_str)
const shown = ({ encoding }: Pass) => tokenizer.decode(encoding.ids)

describe('text-prediction', () => {
  it('suggests whole words after a space, in one pass, and leaves what was typed as it is', () => {
    const { suggestions, passes } = ask('See  YOU ', { soon: 2, '.': 9, '##s': 9, '[MASK]': 9, later: 1 })
    expect(passes.map(shown)).toEqual(['[CLS] see you [MASK] [MASK] [MASK]. [SEP]'])
    expect(words(suggestions).slice(0, 2)).toEqual(['soon', 'later'])
    expect(suggestions).toHaveLength(5)
    expect(suggestions[0]).toMatchObject({ token: tokenizer.tokenToId('soon'), sequence: 'See  YOU soon' })
    expect(suggestions[0]?.score).toBeCloseTo(Math.E / (Math.E + 1), 3)
  })

  it('completes an unfinished word with words that begin so, whatever else is likely', () => {
    const { suggestions, passes } = ask('at the Beac', { river: 9, beach: 2, beaches: 1 })
    expect(passes.map(shown)).toEqual(['[CLS] at the [MASK] [MASK] [MASK]. [SEP]'])
    expect(words(suggestions).slice(0, 2)).toEqual(['beach', 'beaches'])
    expect(suggestions[0]?.sequence).toBe('at the Beach')
    expect(words(suggestions).every((word) => word.startsWith('beac'))).toBe(true)
  })

  it('after a word that may be finished, gives both what it may become and what may follow', () => {
    const { suggestions, passes } = ask('let you', [{ you: Math.log(3), your: 0 }, { know: 0 }])
    expect(passes.map(shown)).toEqual([
      '[CLS] let [MASK] [MASK] [MASK]. [SEP]',
      '[CLS] let you [MASK] [MASK] [MASK]. [SEP]',
    ])
    expect(suggestions[0]).toMatchObject({ sequence: 'let you know', score: expect.closeTo(0.75, 3) })
    expect(suggestions[1]).toMatchObject({ sequence: 'let your', score: expect.closeTo(0.25, 3) })
    expect(suggestions.map(({ sequence }) => sequence)).not.toContain('let you')
    const total = ask('let you', [{ you: Math.log(3), your: 0 }, { know: 0 }], { top_k: 100 }).suggestions
    expect(total.reduce((sum, { score }) => sum + score, 0)).toBeLessThanOrEqual(1)
  })

  it('ends contractions, and goes on behind them', () => {
    expect(ask("I don'", { t: 3, the: 1, river: 2 }).suggestions[0]?.sequence).toBe("I don't")
    const { suggestions, passes } = ask('I don’t', [{ t: 5, think: 3 }, { know: 2 }])
    expect(passes.map(shown)).toEqual([
      '[CLS] i don ’ [MASK] [MASK] [MASK]. [SEP]',
      '[CLS] i don ’ t [MASK] [MASK] [MASK]. [SEP]',
    ])
    expect(suggestions[0]?.sequence).toBe('I don’t know')
    expect(suggestions.map(({ sequence }) => sequence)).not.toContain('I don’t')
  })

  it('goes on with word pieces where the vocabulary has no word that begins so', () => {
    const { suggestions, passes } = ask('so unbelievabl', { '##e': 3, river: 9 })
    const own = ask('a tokeniz', { '##ation': 3, river: 9 })
    expect(passes).toHaveLength(1)
    expect(suggestions[0]?.sequence).toBe('so unbelievable')
    expect(own.suggestions[0]).toMatchObject({ token_str: '##ation', sequence: 'a tokenization' })
    expect(shown(own.passes[0] as Pass)).toBe('[CLS] a tokeniz [MASK] [MASK] [MASK]. [SEP]')
  })

  it.each(['!', ' ', '\n', '🎣', '日本', 'don’t ', 'x'.repeat(200_000), `${'x'.repeat(200_000)} `, '\ud800'])(
    'takes %.20j',
    (text) => {
      const { suggestions, passes } = ask(text, {})
      expect(suggestions).toHaveLength(5)
      for (const { encoding } of passes) expect(encoding.length).toBeLessThanOrEqual(38)
      for (const { sequence } of suggestions) expect(sequence.startsWith(text)).toBe(true)
    },
  )

  it.each([
    ['', {}, 'empty'],
    [7, {}, 'expected string'],
    ['a', { top_k: 0 }, '1'],
    ['a', { top_k: 101 }, '100'],
  ])('refuses %j with %j', (inputs, parameters, message) => {
    expect(() => ask(inputs, {}, parameters)).toThrow(message)
  })
})
