/**
 * Multiple choice, in the form of SWAG (Zellers et al. 2018: a context and possible continuations) and CommonsenseQA
 * (Talmor et al. 2019: a question and short answers). No head is trained for it, so each choice is scored as the
 * second text of a pair with the context, by two heads in one pass:
 *
 *   score = softmax over the choices of  logit(isNext) - logit(notNext) + logit(paraphrase) - logit(different)
 *
 * that is, by the odds that the choice follows the context times the odds that both speak of the same thing.
 *
 * Measured on 51 undisputed examples of our own (34 with choices from other subjects, 17 with choices that share the
 * context's words), right choice first: this 46; next sentence alone 43; paraphrase alone 44; entailment by the NLI
 * head 40; pseudo-log-likelihood of the choice given the context (Salazar et al. 2020) per token 34, as a gain over
 * the choice alone 30, and either added to the next-sentence odds below those alone; cosine of mean vectors 31. A
 * model without a paraphrase head is scored by the next sentence alone.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { row, softmax, topIndices } from './math.ts'
import { defineTask, type Reading, type Rows, type TaskModel } from './task.ts'
import { encodeText, limitReading, reportedOnce, text, truncation } from './text.ts'

/** Head → the label that speaks for a choice, and the one against. */
const EVIDENCE = {
  'next-sentence-prediction': ['isNext', 'notNext'],
  paraphrase: ['paraphrase', 'different'],
} as const
const REQUIRED = 'next-sentence-prediction'

const input = z.object({ context: text, choices: z.array(text).min(2).max(100) })

export interface RankedChoice {
  choice: string
  /** Position in the list that was given. */
  index: number
  /** Probability among the choices. */
  score: number
}

export const multipleChoice = defineTask({
  name: 'multiple-choice',
  description: 'Ranks possible continuations of a context, or answers to a question.',
  input,
  parameters: z.object(truncation),

  /** One pass for each choice. */
  *run({ context: before, choices }, options, context) {
    const evidence = evidenceOf(context.model)
    const reads = Object.fromEntries(evidence.map(({ head }) => [head, 'cls' as const]))
    limitReading(context, before, choices.length, 'choices')
    const once = reportedOnce(context)
    const readings = yield choices.map((pair) => ({ encoding: encodeText(once, before, options, { pair }), reads }))
    const scores = softmax(readings.map((reading) => logOdds(evidence, reading)))
    return topIndices(scores, choices.length).map(
      (index): RankedChoice => ({ choice: choices[index] as string, index, score: scores[index] as number }),
    )
  },
})

/** A head and the positions of its labels for and against. */
interface Evidence {
  readonly head: string
  readonly for: number
  readonly against: number
}

function evidenceOf(model: TaskModel): Evidence[] {
  const heads = Object.entries(EVIDENCE).filter(([head]) => head === REQUIRED || model.hasHead(head))
  return heads.map(([head, names]) => {
    const labels = model.labels(head)
    const [pro, contra] = names.map((name) => labels.indexOf(name)) as [number, number]
    if (pro === -1 || contra === -1) {
      throw invalid(`the head ${head} needs the labels ${names.join(' and ')}; it has ${labels.join(', ')}`, 'model')
    }
    return { head, for: pro, against: contra }
  })
}

/** Sum of the heads' log-odds. */
function logOdds(evidence: readonly Evidence[], reading: Reading): number {
  return evidence.reduce((sum, { head, for: pro, against }) => {
    const logits = row(reading[head] as Rows, 0)
    return sum + (logits[pro] as number) - (logits[against] as number)
  }, 0)
}
