/** Every task as the page shows it. */
import { classify } from './classify.ts'
import { meaning } from './meaning.ts'
import type { TaskPage } from './page.ts'
import { pairs } from './pairs.ts'
import { reading } from './reading.ts'
import { together } from './together.ts'
import { words } from './words.ts'

const single = [...words, ...classify, ...reading, ...pairs, ...meaning]

export const taskPages: readonly TaskPage[] = [...single, together(single)]
