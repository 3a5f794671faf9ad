/** Every task, one line each. */
import { featureExtraction } from './feature-extraction.ts'
import { fillMask } from './fill-mask.ts'
import type { Task } from './task.ts'
import { acceptability, emotion, sentiment, textClassification, topic, toxicity } from './text-classification.ts'

const tasks = [
  fillMask,
  textClassification,
  sentiment,
  emotion,
  toxicity,
  topic,
  acceptability,
  featureExtraction,
] as unknown as readonly Task[]

export const registry: ReadonlyMap<string, Task> = new Map(tasks.map((task) => [task.name, task]))
