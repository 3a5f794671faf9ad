import { expect, it } from 'vitest'
import { tokenizer } from '../../test/support/tasks.ts'
import { ServiceError } from '../errors.ts'
import { Usage } from '../usage.ts'
import { fillMask } from './fill-mask.ts'
import { questionAnswering } from './question-answering.ts'
import { type RunnableModel, runTask } from './run.ts'
import type { Task } from './task.ts'
import { sentiment } from './text-classification.ts'
import { tokenClassification } from './token-classification.ts'
import { zeroShotClassification } from './zero-shot-classification.ts'

const model = {
  maxLength: 512,
  tokenizer,
  labels: () => ['entailment'],
  hasHead: () => true,
  run: async () => expect.unreachable('refused before anything is run'),
} as unknown as RunnableModel

/** What a request of these inputs is refused with. */
async function refusal(task: unknown, inputs: readonly unknown[], parameters: object = {}): Promise<ServiceError> {
  const limits = { batch: 65_536, windowed: 8192 }
  const error = await runTask(task as Task, inputs, parameters, model, limits, new Usage()).catch((error) => error)
  expect(error).toBeInstanceOf(ServiceError)
  return error
}

it.each([
  [sentiment, 'word '.repeat(600), { truncate: false }, '`inputs[1]` must have at most 512 tokens. Given: 602'],
  [tokenClassification, 'a '.repeat(8191), {}, '`inputs[1]` must have at most 8192 tokens. Given: 8193'],
  [fillMask, 'none', {}, '`inputs[1]`: No mask_token ([MASK]) found on the input: 3 tokens read'],
  [fillMask, '[MASK]'.repeat(129), {}, '`inputs[1]` must have at most 128 [MASK]. Given: 129'],
])('names the input at fault: %#', async (task, input, parameters, message) => {
  const good = '[MASK]'
  expect(await refusal(task, [good, input, good], parameters)).toMatchObject({ message, param: 'inputs' })
})

it('an input alone has no number', async () => {
  expect((await refusal(fillMask, ['none'])).message).toMatch(/^No mask_token/)
  expect((await refusal(tokenClassification, ['a '.repeat(8191)])).message).toMatch(/^each of `inputs` must/)
})

it('what is wrong with the parameters, or with all inputs together, is the fault of none', async () => {
  const input = { question: 'a', context: 'b' }
  expect((await refusal(questionAnswering, [input, input], { max_seq_len: 513 })).message).toMatch(/^`max_seq_len`/)
  expect((await refusal(zeroShotClassification, ['a', 'b'], { candidate_labels: [] })).message).toMatch(/^You must/)
  const many = await refusal(sentiment, Array(200).fill('word '.repeat(600)))
  expect(many.message).toMatch(/^`inputs` must have at most 65536 tokens in all/)
})

it('fill-mask reads so many masks in all texts together, and as many passes of joint fills', async () => {
  const most = 'a request may read at most 2048 [MASK] in all, one for each pass of a joint fill. Given: at least'
  const masks = await refusal(fillMask, Array(17).fill('[MASK] '.repeat(128)), { top_k: 1 })
  expect(masks.message).toBe(`${most} 2176`)
  const joint = await refusal(fillMask, Array(21).fill('[MASK] [MASK]'), { top_k: 100, joint: true })
  expect(joint.message).toBe(`${most} 2121`)
})
