import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tryTask } from '../../test/support/tasks.ts'
import { TokenBuffer } from '../tokenizer/token-buffer.ts'
import { fillMask } from './fill-mask.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { questionAnswering } from './question-answering.ts'
import type { Pass, Task } from './task.ts'
import { paraphrase, sentiment } from './text-classification.ts'
import { wordSense } from './word-sense.ts'
import { zeroShotClassification } from './zero-shot-classification.ts'

/** Two million tokens. */
const LONG = '!'.repeat(2_000_000)
const LABELS = ['contradiction', 'entailment']

/** Zeros for every row of every head. */
function answer(task: unknown, inputs: unknown, parameters: object) {
  const columns = task === fillMask ? 30_522 : 2
  const logits = ({ encoding }: Pass) => ({
    data: new Float32Array(encoding.length * columns),
    rows: encoding.length,
    columns,
  })
  return tryTask(task as Task, inputs, parameters, { labels: LABELS, logits })
}

describe('of a text of two million tokens', () => {
  /** The most tokens that a sequence was read to. */
  let most = 0
  beforeEach(() => {
    most = 0
    const { release } = TokenBuffer.prototype
    vi.spyOn(TokenBuffer.prototype, 'release').mockImplementation(function (this: TokenBuffer) {
      most = Math.max(most, this.ids.length)
      release.call(this)
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['a text that may not be cut', sentiment, LONG, { truncate: false }, '`inputs` must have at most 512 tokens'],
    [
      'a pair that may not be cut',
      paraphrase,
      { text: LONG, text_pair: LONG },
      { truncate: false },
      'Given: more than 2049',
    ],
    ['a label', zeroShotClassification, 'a', { candidate_labels: [LONG] }, 'at most 4096 characters. Given: 2000017'],
    [
      'a question',
      questionAnswering,
      { question: LONG, context: 'a' },
      { max_question_len: 1e9 },
      'at most 8192 tokens. Given: more than 16385',
    ],
    [
      'a context of a word',
      wordSense,
      { word: 'a', contexts: ['a', `a ${LONG}`] },
      {},
      '`contexts[1]` must have at most 512 tokens. Given: more than 2049',
    ],
  ])('no more is read than it takes to refuse %s', (_, task, inputs, parameters, message) => {
    expect(() => answer(task, inputs, parameters)).toThrow(message)
    expect(most).toBeLessThanOrEqual(32_768)
  })

  it.each([
    ['a text and its pair', paraphrase, { text: LONG, text_pair: LONG }, {}, 1],
    ['a pair', paraphrase, { text: 'a', text_pair: LONG }, {}, 1],
    ['a pair, from the left', paraphrase, { text: 'a', text_pair: LONG }, { truncation_direction: 'left' }, 1],
    [
      'a text for labels, from the left',
      zeroShotClassification,
      LONG,
      { candidate_labels: ['a', 'b'], truncation_direction: 'left' },
      1,
    ],
    ['a question', questionAnswering, { question: LONG, context: 'a' }, { max_question_len: 9 }, 1],
    ['a target', fillMask, '[MASK]', { targets: [LONG] }, 0],
  ])('no more is read than the characters that a pass may need: %s', (_, task, inputs, parameters, cut) => {
    const { passes, truncated } = answer(task, inputs, parameters)
    expect(truncated).toBe(cut)
    for (const { encoding } of passes) expect(encoding.length).toBeLessThanOrEqual(512)
    expect(most).toBeLessThanOrEqual(131_072)
  })
})

it('the left end of a pair is cut, too', () => {
  const pair = `first ${'word '.repeat(600)}last`
  const [left, right] = ['left', 'right'].map((truncation_direction) => {
    const { passes } = answer(paraphrase, { text: 'a', text_pair: pair }, { truncation_direction })
    return passes[0]?.encoding as Pass['encoding']
  })
  expect(left?.ends.at(-2)).toBe(pair.length)
  expect(right?.starts[3]).toBe(0)
})

it('equal texts of a list are read once and counted each where they are cut', () => {
  const { passes, truncated } = answer(nearDuplicates, { texts: ['a', ...Array(3).fill('word '.repeat(600))] }, {})
  expect(passes).toHaveLength(2)
  expect(truncated).toBe(3)
})

it('fill-mask refuses to repeat its text too often before it reads a mask', () => {
  const inputs = `${'[MASK] '.repeat(10)}${'hello '.repeat(490)}`
  const logits = () => expect.unreachable()
  expect(() => tryTask(fillMask, inputs, { top_k: 1000 }, { logits })).toThrow(
    /at most 5000000 characters in all. Given: 30\d{6} for 10000 candidates/,
  )
})
