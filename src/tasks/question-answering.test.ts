import { describe, expect, it } from 'vitest'
import { tokenizer, tryTask } from '../../test/support/tasks.ts'
import { questionAnswering } from './question-answering.ts'
import type { Pass } from './task.ts'

interface Given {
  start: number
  end: number
  score: number
  answer: string
}

/** Start logits by wordpiece, end logits by wordpiece; '[CLS]' for no answer. */
function logits(start: Record<string, number>, end: Record<string, number> = start) {
  return ({ encoding }: Pass) =>
    Array.from(encoding.ids, (id) => {
      const piece = tokenizer.idToToken(id) as string
      return [start[piece] ?? 0, end[piece] ?? 0]
    })
}

function ask(context: string, numbers: ReturnType<typeof logits>, parameters: object = {}, maxLength = 512) {
  return tryTask(questionAnswering, { question: 'who?', context }, parameters, { maxLength, logits: numbers })
}

describe('question-answering', () => {
  it.each([
    [{ question: '', context: 'x' }, 'question'],
    [{ question: 'x', context: '' }, 'context'],
    [{ question: 'x' }, 'context'],
    ['x', 'expected object'],
  ])('refuses %j', (inputs, field) => {
    expect(() => tryTask(questionAnswering, inputs, {}, { logits: () => [] })).toThrow(field)
  })

  it.each([
    { top_k: 0 },
    { top_k: 1001 },
    { max_answer_len: 0 },
    { doc_stride: -1 },
    { max_seq_len: 0 },
    { top_k: 1.5 },
  ])('refuses %j', (parameters) => {
    expect(() => ask('x', logits({}), parameters)).toThrow()
  })

  it('refuses answers that repeat more than an isolate can hold', () => {
    const context = `${'一 '.repeat(40)}${'x'.repeat(1_000_000)}`
    expect(() => ask(context, logits({ '[UNK]': 1 }), { top_k: 1000 })).toThrow(
      /`answer` .*at most 5000000 .*Given: \d+ for/,
    )
  })

  it('answers one question with one object, and with a list when several are wanted', () => {
    const numbers = logits({ paul: 9 })
    expect(ask('Paul and Ada', numbers).answer).toEqual({ answer: 'Paul', score: expect.any(Number), start: 0, end: 4 })
    expect(ask('Paul and Ada', numbers, { top_k: 2 }).answer).toHaveLength(2)
  })

  it.each([' ', '\n\t '])('has no answer in a context that cleans up to nothing (%j)', (context) => {
    expect(ask(context, logits({}), { top_k: 3 }).answer).toEqual({ answer: '', score: 0, start: 0, end: 0 })
    const impossible = ask(context, logits({}), { handle_impossible_answer: true }).answer
    expect(impossible).toEqual({ answer: '', score: 1, start: 0, end: 0 })
  })

  it('reaches the first and the last token', () => {
    const context = 'one two three'
    expect(ask(context, logits({ one: 9 })).answer.answer).toBe('one')
    expect(ask(context, logits({ three: 9 })).answer.answer).toBe('three')
    expect(ask(context, logits({ one: 9 }, { three: 9 })).answer.answer).toBe(context)
  })

  it('never answers from the question', () => {
    expect(ask('I am', logits({ who: 99, '?': 99 })).answer.answer).toBe('I')
  })

  it('keeps answers within max_answer_len tokens and never turns them round', () => {
    const numbers = logits({ one: 9 }, { three: 9 })
    const { answer } = ask('one two three', numbers, { max_answer_len: 2, top_k: 10 })
    const texts = answer.map((given: Given) => given.answer)
    expect(texts).toHaveLength(5)
    expect(texts).not.toContain('one two three')
    expect(ask('three one', numbers, { top_k: 3 }).answer.map((given: Given) => given.answer)).not.toContain('')
  })

  it('gives all there are when more are wanted', () => {
    const { answer } = ask('a b c', logits({ b: 1 }), { top_k: 1000 })
    expect(answer).toHaveLength(6)
    const scores = answer.map((given: Given) => given.score)
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a))
  })

  it('lets no answer win where it is likelier, at the lowest probability of all windows', () => {
    const numbers = logits({ '[CLS]': 9 })
    const parameters = { handle_impossible_answer: true }
    expect(ask('a b', numbers, parameters).answer).toMatchObject({ answer: '', start: 0, end: 0 })
    expect(ask('a b', numbers).answer.answer).not.toBe('')
    const { answer, passes } = tryTask(
      questionAnswering,
      { question: 'who?', context: 'one two three four five six' },
      { handle_impossible_answer: true, max_seq_len: 9, doc_stride: 1, top_k: 50 },
      {
        logits: ({ encoding }, window) => Array.from(encoding.ids, (_, row) => (row === 0 ? [window, window] : [0, 0])),
      },
    )
    expect(passes.length).toBe(2)
    expect(answer.find((given: Given) => given.answer === '').score).toBeCloseTo((1 / 5) ** 2, 6)
  })

  it('adds up the scores of a text that occurs again, letter case aside, and keeps its first place', () => {
    const { answer } = ask('PARIS or Paris', logits({ paris: 9 }), { max_answer_len: 1 })
    expect(answer).toMatchObject({ answer: 'PARIS', start: 0, end: 5 })
    // Two of four spans of one token that are at all likely.
    expect(answer.score).toBeCloseTo(0.5, 3)
  })

  it('widens answers to words unless told not to', () => {
    const context = 'the Llanfair train'
    const [first, second] = Array.from(tokenizer.encode('Llanfair', { addSpecialTokens: false }).ids)
    const numbers = ({ encoding }: Pass) => Array.from(encoding.ids, (id) => (id === second ? [9, 9] : [0, 0]))
    expect(ask(context, numbers).answer.answer).toBe('Llanfair')
    const bare = ask(context, numbers, { align_to_words: false }).answer
    expect('Llanfair').toContain(bare.answer)
    expect(bare.start).toBe(4 + (tokenizer.idToToken(first as number) as string).length)
  })

  it.each([
    ['codepoint', 3, 7],
    ['utf16', 5, 9],
  ])('counts %s offsets', (offset_type, start, end) => {
    const { answer } = ask('😀𠮷 Paul 東', logits({ paul: 9 }), { offset_type })
    expect(answer).toMatchObject({ answer: 'Paul', start, end })
  })

  describe('windows', () => {
    const context = 'one two three four five six seven eight nine ten'

    it('overlap by doc_stride and cover the context', () => {
      const { passes, answer } = ask(context, logits({ ten: 9 }), { max_seq_len: 9, doc_stride: 1 })
      // [CLS] who ? [SEP] + 4 of the context + [SEP]
      expect(passes.map(({ encoding }) => encoding.length)).toEqual([9, 9, 9])
      expect(answer.answer).toBe('ten')
    })

    it('are refused with the numbers when they leave no room', () => {
      expect(() => ask(context, logits({}), { doc_stride: 20, max_seq_len: 9 })).toThrow(
        '`doc_stride` (20) is larger than `max_seq_len` (9)',
      )
      expect(() => ask(context, logits({}), { doc_stride: 4, max_seq_len: 9 })).toThrow(
        '`doc_stride` must be less than the 4 tokens of a window. Given: 4',
      )
      expect(() => ask(context, logits({}), { max_seq_len: 513 })).toThrow(
        '`max_seq_len` must be at most 512. Given: 513',
      )
      expect(() => ask(context, logits({}), { max_seq_len: 5 })).toThrow(
        'the first text of 2 tokens leaves no room for the second in a window of 5',
      )
      expect(ask('one', logits({}), { doc_stride: 9, max_seq_len: 9 }).answer.answer).toBe('one')
    })

    it('take a smaller overlap by default where half of max_seq_len leaves no room', () => {
      expect(ask(context, logits({ ten: 9 }), { max_seq_len: 8 }).answer.answer).toBe('ten')
    })

    it('are no longer than the model reads', () => {
      expect(ask(context, logits({}), {}, 9).passes.every(({ encoding }) => encoding.length <= 9)).toBe(true)
    })
  })

  it('cuts the question only when asked to, and says so', () => {
    const inputs = { question: 'one two three four?', context: 'x' }
    const whole = tryTask(questionAnswering, inputs, {}, { logits: logits({}) })
    expect([whole.passes[0]?.encoding.length, whole.truncated]).toEqual([9, 0])
    const cut = tryTask(questionAnswering, inputs, { max_question_len: 2 }, { logits: logits({}) })
    expect([cut.passes[0]?.encoding.length, cut.truncated]).toEqual([6, 1])
  })
})
