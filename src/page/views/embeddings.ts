/** Feature extraction: vectors as a map and as a heat map; what they look like is their first numbers. */
import { h } from '../dom.ts'
import { count } from '../format.ts'
import { gramOf } from '../pca.ts'
import type { Drawn } from '../tasks/page.ts'
import { heatmap } from './heatmap.ts'
import { map } from './map.ts'

/** More of them would be a map that nobody reads, and take the browser seconds. */
const DRAWN = 60

export function embeddings(vectors: readonly (readonly number[])[], given: readonly string[]): Drawn {
  const texts = given.slice(0, DRAWN)
  const cosines = gramOf(vectors.slice(0, DRAWN))
  return {
    summary: `${count(vectors.length, 'vector')} of ${vectors[0]?.length ?? 0} numbers.`,
    body: [
      given.length > DRAWN && h('p', { class: 'note' }, `The first ${DRAWN} of ${given.length} texts are drawn.`),
      map(
        texts.map((text) => ({ text, group: 0 })),
        cosines,
      ),
      heatmap({ caption: 'Cosines of all pairs', rows: texts, columns: texts, values: cosines }),
    ],
  }
}
