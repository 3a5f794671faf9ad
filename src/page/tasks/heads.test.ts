/** The heads that the page says a task needs are those that the task asks its model for. */
import { expect, test } from 'vitest'
import { registry } from '../../tasks/registry.ts'
import { nothingAsked } from '../../tasks/run.ts'
import { HIDDEN, type Task } from '../../tasks/task.ts'
import { BertTokenizer, Vocab } from '../../tokenizer/index.ts'
import { taskPages } from './index.ts'

const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '.', 'bank']
const tokenizer = BertTokenizer.fromVocab(Vocab.fromText(WORDS.join('\n')))
const LABELS = ['entailment', 'neutral', 'contradiction', 'isNext', 'notNext']
// Its heads are those of the tasks that the user chooses.
const single = taskPages.filter(({ name }) => name !== 'analyze')

test.each(single)('$name', ({ name, head, body, examples }) => {
  const { inputs, parameters = {} } = body(examples[0].values)
  const [input] = [inputs].flat()
  const task = registry.get(name) as Task
  const heads = new Set<string>()
  const labels = (asked: string) => {
    heads.add(asked)
    return LABELS
  }
  const none = { hasHead: () => false, headsFor: () => [], isMultiLabel: () => false }
  const steps = task.run(task.input.parse(input), task.parameters.parse(parameters), {
    model: { id: 'test', maxLength: 512, hiddenSize: 384, pooling: 'mean', tokenizer, labels, ...none },
    notes: { warn: () => {}, truncated: () => {} },
    maxTextTokens: 8192,
    asked: nothingAsked(),
  })
  const first = steps.next()
  if (!first.done) for (const { reads } of first.value) for (const read of Object.keys(reads)) heads.add(read)
  heads.delete(HIDDEN)
  expect([...heads]).toEqual(head ? [head] : [])
})
