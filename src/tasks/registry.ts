/** Every task, one line each. */
import { analyze } from './analyze.ts'
import { biasProbe } from './bias-probe.ts'
import { clustering } from './clustering.ts'
import { featureExtraction } from './feature-extraction.ts'
import { fillMask } from './fill-mask.ts'
import { multipleChoice } from './multiple-choice.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { nextSentencePrediction } from './next-sentence-prediction.ts'
import { questionAnswering } from './question-answering.ts'
import { rerank } from './rerank.ts'
import { semanticSearch } from './semantic-search.ts'
import { sentenceSimilarity } from './sentence-similarity.ts'
import { summarization } from './summarization.ts'
import type { Task } from './task.ts'
import {
  acceptability,
  emotion,
  naturalLanguageInference,
  paraphrase,
  sentiment,
  textClassification,
  topic,
  toxicity,
} from './text-classification.ts'
import { textGeneration } from './text-generation.ts'
import { textPrediction } from './text-prediction.ts'
import { tokenClassification } from './token-classification.ts'
import { wordSense } from './word-sense.ts'
import { zeroShotClassification } from './zero-shot-classification.ts'

const tasks = [
  fillMask,
  textClassification,
  sentiment,
  emotion,
  toxicity,
  topic,
  acceptability,
  tokenClassification,
  questionAnswering,
  naturalLanguageInference,
  zeroShotClassification,
  paraphrase,
  nextSentencePrediction,
  multipleChoice,
  summarization,
  textPrediction,
  textGeneration,
  biasProbe,
  featureExtraction,
  sentenceSimilarity,
  semanticSearch,
  rerank,
  clustering,
  nearDuplicates,
  wordSense,
] as unknown as readonly Task[]

export const registry: ReadonlyMap<string, Task> = new Map(
  [...tasks, analyze(tasks) as unknown as Task].map((task) => [task.name, task]),
)
