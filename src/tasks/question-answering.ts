/**
 * Question answering: spans of a context by start and end logits (Devlin et al. 2019, §4.2; SQuAD 1.1). Reference:
 * transformers 4.57 QuestionAnsweringPipeline. Answers are slices of the caller's own context.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { offsets, wireOffsets } from './offsets.ts'
import { type Answer, collectAnswers } from './spans.ts'
import { defineTask, type Rows, type TaskContext } from './task.ts'
import { limitRepeats, text } from './text.ts'
import { encodeWindows } from './windows.ts'

const HEAD = 'question-answering'
const MAX_SEQUENCE = 384
const MAX_OVERLAP = 128

const input = z.object({ question: text, context: text })

const parameters = z.object({
  top_k: z.int().min(1).max(1000).nullish().describe('How many answers; default 1. Fewer where there are no more.'),
  doc_stride: z
    .int()
    .min(0)
    .nullish()
    .describe('Tokens that the windows of a long context share; default half of max_seq_len, at most 128.'),
  max_answer_len: z.int().min(1).nullish().describe('Longest answer in tokens; default 15.'),
  max_seq_len: z
    .int()
    .min(1)
    .nullish()
    .describe('Tokens of a window, question included; default 384, or the model maximum where that is less.'),
  max_question_len: z.int().min(1).nullish().describe('Cut the question to so many tokens; default: leave it whole.'),
  handle_impossible_answer: z
    .boolean()
    .nullish()
    .describe('Let "no answer" (an empty string) stand among the answers; default false.'),
  align_to_words: z.boolean().nullish().describe('Widen answers to whole words; default true.'),
  ...offsets,
})

export const questionAnswering = defineTask({
  name: 'question-answering',
  description: 'Answers a question with a span of a context of any length.',
  input,
  parameters,

  /** One answer, or a list of several, best first. */
  *run({ question, context }, options, taskContext) {
    const { model, notes } = taskContext
    const maxLength = options.max_seq_len ?? Math.min(model.maxLength, MAX_SEQUENCE)
    if (maxLength > model.maxLength) {
      throw invalid(`\`max_seq_len\` must be at most ${model.maxLength}. Given: ${maxLength}`, 'max_seq_len')
    }
    const stride = options.doc_stride
    if (stride && stride > maxLength) {
      throw invalid(`\`doc_stride\` (${stride}) is larger than \`max_seq_len\` (${maxLength})`, 'doc_stride')
    }
    const asked = cutQuestion(question, options.max_question_len, taskContext)
    if (asked !== question) notes.truncated()
    const windows = encodeWindows(taskContext, asked, {
      pair: context,
      maxLength,
      overlap: ['doc_stride', stride],
      defaultOverlap: Math.min(maxLength >> 1, MAX_OVERLAP),
    })
    const readings = yield windows.map(({ encoding }) => ({ encoding, reads: { [HEAD]: 'all' } }))

    const answers = collectAnswers(
      windows.map(({ encoding }, index) => ({ encoding, logits: readings[index]?.[HEAD] as Rows })),
      context,
      {
        topK: options.top_k ?? 1,
        maxAnswerLength: options.max_answer_len ?? 15,
        impossible: options.handle_impossible_answer ?? false,
        wholeWords: options.align_to_words ?? true,
      },
    )
    const characters = answers.reduce((sum, { answer }) => sum + answer.length, 0)
    limitRepeats(taskContext.asked, characters, `${answers.length} answers`, 'answer')
    const wire = wireOffsets(context, options.offset_type)
    const wired = answers.map((answer): Answer => ({ ...answer, start: wire(answer.start), end: wire(answer.end) }))
    return wired.length === 1 ? (wired[0] as Answer) : wired
  },
})

/** The reference documents a limit of 64 tokens, but with its fast tokenizer never applies it: only given ones count. */
function cutQuestion(question: string, limit: number | null | undefined, context: TaskContext): string {
  // A question of more tokens than a text may have is refused with its context, whole or cut.
  if (limit === null || limit === undefined || limit >= context.maxTextTokens) return question
  const { tokenizer } = context.model
  const { truncated, ends } = tokenizer.encode(question, { addSpecialTokens: false, maxLength: limit })
  return truncated ? question.slice(0, ends[limit - 1]) : question
}
