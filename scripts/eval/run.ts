/**
 * `npm run eval -- --data DIR [--limit N]`: the packed default model's scores, through the built Worker in workerd.
 * DIR holds the files <name>.dev.jsonl.gz of `evaluations`, in the formats that training/data.py reads; they are not part
 * of the repo.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import build from '../../test/support/build.ts'
import { startWorker, type TestWorker } from '../../test/support/worker.ts'
import { scoreMaskedTokens } from './masked-lm.ts'
import { accuracy, entityF1, squadScore } from './metrics.ts'

type Row = Record<string, unknown>
interface Score {
  readonly metric: string
  readonly value: number
  readonly rows: number
}
type Evaluation = (worker: TestWorker, rows: Row[]) => Promise<Score[]>

const MODEL = 'multitask-minilm'
const BATCH = 64

async function inBatches<T>(rows: Row[], answer: (rows: Row[]) => Promise<T[]>): Promise<T[]> {
  const answers: T[] = []
  for (let i = 0; i < rows.length; i += BATCH) answers.push(...(await answer(rows.slice(i, i + BATCH))))
  return answers
}

/** Accuracy of the first label of a classification task. */
function labels(task: string, metric: string, input: (row: Row) => unknown): Evaluation {
  return async (worker, rows) => {
    const answers = await inBatches(rows, (batch) =>
      worker.ask(`/v1/tasks/${task}`, { inputs: batch.map(input), parameters: { top_k: 1 } }),
    )
    const predicted = answers.map((answer) => (answer as { label: string }[])[0]?.label as string)
    return [
      {
        metric,
        value: accuracy(
          predicted,
          rows.map((row) => row.label as string),
        ),
        rows: rows.length,
      },
    ]
  }
}

interface TokenLabel {
  entity: string
  start: number
  end: number
}

/** The label of each word is that of its first token, as in training. */
const entitiesOfWords: Evaluation = async (worker, rows) => {
  const parameters = { aggregation_strategy: 'none', ignore_labels: [], offset_type: 'utf16' }
  const answers = await inBatches(rows, (batch) => {
    const inputs = batch.map((row) => (row.tokens as string[]).join(' '))
    return worker.ask('/v1/tasks/token-classification', { inputs, parameters })
  })
  const predicted = rows.map((row, i) => {
    const byStart = new Map((answers[i] as TokenLabel[]).map(({ start, entity }) => [start, entity]))
    let start = 0
    return (row.tokens as string[]).map((token) => {
      const label = byStart.get(start) ?? 'O'
      start += token.length + 1
      return label
    })
  })
  const gold = rows.map((row) => row.tags as string[])
  return [{ metric: 'CoNLL-2003 dev entity F1', value: entityF1(predicted, gold), rows: rows.length }]
}

/** Answers of up to 30 tokens, as SQuAD is scored; the pipeline's default of 15 is meant for display. */
const answersOfQuestions: Evaluation = async (worker, rows) => {
  const answers = await inBatches(rows, (batch) => {
    const inputs = batch.map(({ question, context }) => ({ question, context }))
    return worker.ask('/v1/tasks/question-answering', { inputs, parameters: { max_answer_len: 30 } })
  })
  const scores = rows.map((row, i) =>
    squadScore(
      (answers[i] as { answer: string }).answer,
      (row.answers as { text: string }[]).map(({ text }) => text),
    ),
  )
  const mean = (pick: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + pick(score), 0) / scores.length
  return [
    { metric: 'XQuAD-en F1', value: mean(({ f1 }) => f1), rows: rows.length },
    { metric: 'XQuAD-en exact match', value: mean(({ exact }) => exact), rows: rows.length },
  ]
}

const maskedTokens: Evaluation = async (_, rows) => {
  const texts = rows.map((row) => row.text as string)
  const { perplexity, accuracy } = await scoreMaskedTokens(MODEL, texts)
  return [
    { metric: 'masked-LM perplexity', value: perplexity, rows: rows.length },
    { metric: 'masked-LM accuracy', value: accuracy, rows: rows.length },
  ]
}

const text = (row: Row) => row.text
const pair = (row: Row) => ({ text: row.a, text_pair: row.b })

const evaluations: readonly [file: string, Evaluation][] = [
  ['sst2', labels('sentiment', 'SST-2 dev accuracy', text)],
  ['emotion', labels('emotion', 'emotion test accuracy', text)],
  ['toxic', labels('toxicity', 'toxicity held-out accuracy', text)],
  ['topic', labels('topic', 'topic held-out accuracy', text)],
  ['nli', labels('natural-language-inference', 'SICK test accuracy', pair)],
  ['ner', entitiesOfWords],
  ['qa', answersOfQuestions],
  ['mlm', maskedTokens],
]

function readRows(path: string, limit: number): Row[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n')
  return lines.slice(0, limit).map((line) => JSON.parse(line) as Row)
}

const { values } = parseArgs({ options: { data: { type: 'string' }, limit: { type: 'string' } } })
if (!values.data) throw new Error('usage: npm run eval -- --data DIR [--limit N]')
const limit = Number(values.limit ?? Number.POSITIVE_INFINITY)

build()
const worker = await startWorker()
console.log('| metric | int8, in workerd | rows |\n|---|---:|---:|')
for (const [name, evaluate] of evaluations) {
  const path = join(values.data, `${name}.dev.jsonl.gz`)
  if (!existsSync(path)) {
    console.log(`| ${name} | no file ${path} | |`)
    continue
  }
  for (const { metric, value, rows } of await evaluate(worker, readRows(path, limit))) {
    console.log(`| ${metric} | ${value.toFixed(4)} | ${rows} |`)
  }
}
await worker.stop()
