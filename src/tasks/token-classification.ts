/**
 * Token classification: named entities with a linear head on every row (Devlin et al. 2019, §5.3). Reference:
 * transformers 4.57 TokenClassificationPipeline.
 *
 * Unlike the reference, long text is never cut: it is read by windows, with or without `stride`.
 */
import { z } from 'zod'
import { invalid } from '../errors.ts'
import { offsets, wireOffsets } from './offsets.ts'
import { defineTask, type Rows } from './task.ts'
import { text } from './text.ts'
import {
  type Aggregation,
  aggregate,
  type Entity,
  mergeOverlapping,
  readTokens,
  type Tagged,
  tagTokens,
} from './token-classification-decode.ts'
import { encodeWindows, type Window } from './windows.ts'

const HEAD = 'token-classification'
/** Tokens that windows share unless `stride` says otherwise. */
const OVERLAP = 64

const parameters = z.object({
  aggregation_strategy: z
    .enum(['none', 'simple', 'first', 'average', 'max'])
    .nullish()
    .describe('How tokens become entities; default simple. `none` answers each token.'),
  ignore_labels: z.array(z.string()).max(1000).nullish().describe('Labels left out of the answer; default ["O"].'),
  stride: z.int().min(0).nullish().describe('Tokens that the windows of a long text share; default 64.'),
  ...offsets,
})

export interface TokenAnswer extends Entity {
  /** With strategy none: the token's label (B-PER). */
  entity?: string
  /** With strategy none: the token's place in the text; [CLS] is 0. */
  index?: number
}

export const tokenClassification = defineTask({
  name: 'token-classification',
  description: 'Finds persons, organisations, locations and other names in a text of any length.',
  input: text,
  parameters,

  *run(input, options, context) {
    const { model } = context
    const strategy = options.aggregation_strategy ?? 'simple'
    const labels = model.labels(HEAD)
    checkStride(options.stride, strategy, model.maxLength)
    const windows = encodeWindows(context, input, {
      maxLength: model.maxLength,
      overlap: ['stride', options.stride],
      defaultOverlap: OVERLAP,
    })
    const readings = yield windows.map(({ encoding }) => ({ encoding, reads: { [HEAD]: 'all' } }))

    const ignored = new Set(options.ignore_labels ?? ['O'])
    const tokens = windows.map(({ encoding }, index) =>
      readTokens(readings[index]?.[HEAD] as Rows, encoding, input, model.tokenizer),
    )
    const wire = wireOffsets(input, options.offset_type)
    if (strategy === 'none') {
      const tagged = tokens.map((window) => tagTokens(window, labels))
      return bestContext(windows, tagged)
        .filter(({ entity }) => !ignored.has(entity))
        .map((token) => ({ ...tokenAnswer(token), start: wire(token.start), end: wire(token.end) }))
    }
    const groups = tokens
      .flatMap((window) => aggregate(window, strategy, labels))
      .filter(({ entity_group }) => !ignored.has(entity_group))
    const entities: TokenAnswer[] = windows.length > 1 ? mergeOverlapping(groups) : groups
    return entities.map((entity) => ({ ...entity, start: wire(entity.start), end: wire(entity.end) }))
  },
})

function checkStride(stride: number | null | undefined, strategy: Aggregation | 'none', maxLength: number): void {
  if (stride === null || stride === undefined) return
  if (strategy === 'none') {
    throw invalid('`stride` merges entities and needs an `aggregation_strategy` other than none', 'stride')
  }
  const limit = maxLength - 2
  if (stride >= limit) throw invalid(`\`stride\` must be less than ${limit} tokens. Given: ${stride}`, 'stride')
}

/**
 * One answer per token of the text, from the window in which its nearer edge is farthest (as SQuAD's "max context");
 * the earlier window where two are equal. The reference has no counterpart: it cuts the text.
 */
function bestContext(windows: readonly Window[], tagged: readonly Tagged[][]): Tagged[] {
  const best: { context: number; token: Tagged }[] = []
  windows.forEach(({ encoding, first }, window) => {
    for (const token of tagged[window] as Tagged[]) {
      const context = Math.min(token.index - 1, encoding.length - 2 - token.index)
      const position = first + token.index
      const other = best[position]
      if (!other || context > other.context) best[position] = { context, token: { ...token, index: position } }
    }
  })
  return best.flatMap((entry) => (entry ? [entry.token] : []))
}

/** Both names of the label: clients of the hub's API require `entity_group`, users of `none` look for `entity`. */
function tokenAnswer({ entity, score, index, word, start, end }: Tagged): TokenAnswer {
  return { entity, entity_group: entity.slice(entity.indexOf('-') + 1), score, index, word, start, end }
}
