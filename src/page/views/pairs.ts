/** Next sentence and multiple choice: what follows what. */
import type { Answer } from '../../client/tasks.ts'
import { h } from '../dom.ts'
import { count, percent } from '../format.ts'
import type { Drawn } from '../tasks/page.ts'
import { bars } from './bars.ts'
import { typed } from './masks.ts'

export function nextSentence(answer: Answer<'next-sentence-prediction'>, sentences: readonly string[]): Drawn {
  if (!Array.isArray(answer)) {
    return {
      summary: `${count(answer.sentences.length, 'sentence')} in the order that holds together best, ${percent(answer.score)}.`,
      body: h('ol', { class: 'order' }, ...answer.sentences.map((sentence) => h('li', { class: 'passage' }, sentence))),
    }
  }
  const follows = answer.find(({ label }) => label === 'isNext')?.score ?? 0
  const does = follows >= 0.5
  return {
    summary: does ? `It follows, ${percent(follows)}.` : `It does not follow, ${percent(1 - follows)}.`,
    body: [
      h(
        'div',
        { class: `follows ${does ? 'yes' : 'no'}` },
        h('p', { class: 'passage' }, sentences[0] ?? ''),
        h('p', { class: 'link' }, does ? 'follows' : 'does not follow'),
        h('p', { class: 'passage' }, sentences[1] ?? ''),
      ),
      bars(answer),
    ],
  }
}

export function choices(ranked: Answer<'multiple-choice'>, context: string): Drawn {
  const [best] = ranked
  return {
    summary: best ? `Best: “${best.choice}”, ${percent(best.score)}.` : 'No choices.',
    body: [
      h('p', { class: 'passage large' }, `${context} `, typed(best?.choice ?? '')),
      bars(ranked.map(({ choice, score }) => ({ label: choice, score }))),
    ],
  }
}
