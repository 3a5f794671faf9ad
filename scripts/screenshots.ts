/** Copies of the screenshots that the page's tests save, for the documentation. `npm run screenshots` runs both. */
import { copyFileSync, mkdirSync, statSync } from 'node:fs'

const SHOWN = [
  'fill-mask-light',
  'token-classification-dark',
  'question-answering-phone',
  'feature-extraction-result',
  'word-sense-result',
  'bias-probe-result',
  'loading-light',
  'reference-light',
]
/** A repository is cloned more often than it is looked at. */
const MOST_BYTES = 200_000

mkdirSync('docs/screenshots', { recursive: true })
for (const name of SHOWN) {
  const file = `dist/screenshots/${name}.png`
  const { size } = statSync(file)
  if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, at most ${MOST_BYTES}`)
  copyFileSync(file, `docs/screenshots/${name}.png`)
}
