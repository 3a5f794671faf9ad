/** Feature extraction: vectors as a map and as a heat map; what they look like is their first numbers. */
import { count } from '../format.ts'
import { gramOf } from '../pca.ts'
import type { Drawn } from '../tasks/page.ts'
import { heatmap } from './heatmap.ts'
import { map } from './map.ts'

export function embeddings(vectors: readonly (readonly number[])[], texts: readonly string[]): Drawn {
  const cosines = gramOf(vectors)
  return {
    summary: `${count(vectors.length, 'vector')} of ${vectors[0]?.length ?? 0} numbers.`,
    body: [
      map(
        texts.map((text) => ({ text, group: 0 })),
        cosines,
      ),
      heatmap({ caption: 'Cosines of all pairs', rows: texts, columns: texts, values: cosines }),
    ],
  }
}
