/**
 * The tasks by name, as callers see them: one input in, its answer out; a list in, a list of answers out. Types only,
 * taken from the tasks themselves; src/client/client.test.ts holds the names to the registry.
 */
import type { analyze } from '../tasks/analyze.ts'
import type { biasProbe } from '../tasks/bias-probe.ts'
import type { clustering } from '../tasks/clustering.ts'
import type { featureExtraction } from '../tasks/feature-extraction.ts'
import type { fillMask } from '../tasks/fill-mask.ts'
import type { multipleChoice } from '../tasks/multiple-choice.ts'
import type { nearDuplicates } from '../tasks/near-duplicates.ts'
import type { nextSentencePrediction } from '../tasks/next-sentence-prediction.ts'
import type { questionAnswering } from '../tasks/question-answering.ts'
import type { rerank } from '../tasks/rerank.ts'
import type { semanticSearch } from '../tasks/semantic-search.ts'
import type { sentenceSimilarity } from '../tasks/sentence-similarity.ts'
import type { summarization } from '../tasks/summarization.ts'
import type { Task } from '../tasks/task.ts'
import type {
  naturalLanguageInference,
  paraphrase,
  sentiment,
  TextOrPair,
  textClassification,
} from '../tasks/text-classification.ts'
import type { textGeneration } from '../tasks/text-generation.ts'
import type { textPrediction } from '../tasks/text-prediction.ts'
import type { tokenClassification } from '../tasks/token-classification.ts'
import type { wordSense } from '../tasks/word-sense.ts'
import type { zeroShotClassification } from '../tasks/zero-shot-classification.ts'

/** Tasks that take one input or a list of them. */
export interface BatchTasks {
  'fill-mask': typeof fillMask
  'text-classification': typeof textClassification
  sentiment: typeof sentiment
  emotion: typeof sentiment
  toxicity: typeof sentiment
  topic: typeof sentiment
  acceptability: typeof sentiment
  'token-classification': typeof tokenClassification
  'question-answering': typeof questionAnswering
  'natural-language-inference': WithInput<
    typeof naturalLanguageInference,
    TextOrPair | { premise: string; hypothesis: string }
  >
  'zero-shot-classification': typeof zeroShotClassification
  paraphrase: typeof paraphrase
  'next-sentence-prediction': typeof nextSentencePrediction
  'multiple-choice': typeof multipleChoice
  summarization: typeof summarization
  'text-prediction': typeof textPrediction
  'bias-probe': typeof biasProbe
  'feature-extraction': typeof featureExtraction
  analyze: ReturnType<typeof analyze>
}

/** Tasks whose input is a list already, or costs as much as one. */
export interface SingleTasks {
  'text-generation': typeof textGeneration
  'sentence-similarity': typeof sentenceSimilarity
  'semantic-search': typeof semanticSearch
  rerank: typeof rerank
  clustering: typeof clustering
  'near-duplicates': typeof nearDuplicates
  'word-sense': typeof wordSense
}

interface Tasks extends BatchTasks, SingleTasks {}

export type TaskName = keyof Tasks
export type Input<Name extends TaskName> = Tasks[Name] extends Task<infer I, infer _P, infer _A> ? I : never
export type Parameters<Name extends TaskName> = Tasks[Name] extends Task<infer _I, infer P, infer _A> ? P : never
export type Answer<Name extends TaskName> = Tasks[Name] extends Task<infer _I, infer _P, infer A> ? A : never

/** What a call may give: an input or, where the task takes batches, a list of inputs. */
export type Inputs<Name extends TaskName> = Name extends keyof BatchTasks
  ? Input<Name> | readonly Input<Name>[]
  : Input<Name>

/** What it gets for that. */
export type Answers<Name extends TaskName, Given> = Given extends readonly unknown[] ? Answer<Name>[] : Answer<Name>

/** Parameters may be left out where none is required. */
export type Rest<Name extends TaskName, Options> =
  Record<never, never> extends Parameters<Name>
    ? [parameters?: Parameters<Name>, options?: Options]
    : [parameters: Parameters<Name>, options?: Options]

type WithInput<T, I> = T extends Task<infer _I, infer P, infer A> ? Task<I, P, A> : never
