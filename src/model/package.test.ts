import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isModelId, manifestSchema, packageBytes } from './package.ts'

const ROOT = 'assets/models'

test.each(readdirSync(ROOT))('the manifest of %s lists every file of its folder with the right size', (id) => {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(`${ROOT}/${id}/model.json`, 'utf8')))
  expect(manifest.id).toBe(id)
  const names = readdirSync(`${ROOT}/${id}`, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => /\.(onnx|bin|txt)$/.test(name))
  const listed = [manifest.vocab]
  for (const graph of [...manifest.encoder.stages, ...Object.values(manifest.heads)]) {
    listed.push(graph.graph, ...(graph.weights?.shards ?? []))
  }
  expect(listed.map(({ file }) => file).sort()).toEqual(files.sort())
  expect(packageBytes(manifest)).toBe(listed.reduce((sum, { bytes }) => sum + bytes, 0))
})

test('no file of a package is over the platform’s 25 MiB', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.bin'))
  expect(files.length).toBeGreaterThan(0)
  for (const name of files) expect(readFileSync(`${ROOT}/${name}`).length).toBeLessThanOrEqual(20 * 1024 * 1024)
})

test.each([
  ['multitask-minilm', true],
  ['google-bert/bert-base-uncased', true],
  ['@cf/baai/bge-small-en-v1.5', true],
  ['', false],
  ['../secrets', false],
  ['a/../../b', false],
  ['/etc/passwd', false],
  ['a//b', false],
  ['a'.repeat(201), false],
])('isModelId(%j) is %s', (id, expected) => {
  expect(isModelId(id)).toBe(expected)
})
