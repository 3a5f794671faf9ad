import { expect, test } from 'vitest'
import { accuracy, entityF1, squadScore } from './metrics.ts'

test('accuracy', () => {
  expect(accuracy(['a', 'b', 'c', 'c'], ['a', 'b', 'b', 'c'])).toBe(0.75)
})

test('entity F1 counts exact spans and types', () => {
  const gold = [['B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC']]
  expect(entityF1(gold, gold)).toBe(1)
  expect(entityF1([['B-PER', 'O', 'O', 'B-LOC', 'B-LOC']], gold)).toBeCloseTo(2 / 3)
  expect(entityF1([['B-ORG', 'I-ORG', 'O', 'I-LOC', 'I-LOC']], gold)).toBe(0)
  expect(entityF1([['O', 'O', 'O', 'O', 'O']], gold)).toBe(0)
})

test('SQuAD exact match and F1', () => {
  expect(squadScore('The Eiffel Tower!', ['eiffel tower'])).toEqual({ exact: 1, f1: 1 })
  expect(squadScore('in the north of France', ['north France', 'Paris']).f1).toBeCloseTo(2 / 3)
  expect(squadScore('', ['a'])).toEqual({ exact: 1, f1: 1 })
  expect(squadScore('Rome', ['Paris'])).toEqual({ exact: 0, f1: 0 })
})
