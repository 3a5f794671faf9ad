/** Labels with their probabilities. */
import type { LabelScore } from '../../tasks/text-classification.ts'
import { percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { bars } from './bars.ts'

export function labels(scores: readonly LabelScore[]): Drawn {
  const [best] = scores
  return { summary: best ? `${best.label}, ${percent(best.score)}.` : 'No labels.', body: bars(scores) }
}
