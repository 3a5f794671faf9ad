/** Documents by falling score. */
import type { Drawn } from '../tasks/page.ts'
import { bars } from './bars.ts'

export function ranking(hits: readonly { text: string; score: number }[]): Drawn {
  const [best] = hits
  return {
    summary: best ? `Best: “${best.text}”, ${best.score.toFixed(2)}.` : 'No documents.',
    body: bars(hits.map(({ text, score }) => ({ label: text, score, value: score.toFixed(2) }))),
  }
}
