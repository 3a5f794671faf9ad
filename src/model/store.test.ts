import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diskSource, nodeDigest } from './disk.ts'
import { type ByteSource, ModelStore } from './store.ts'

const ID = 'multitask-minilm'
let folder: string
let store: ModelStore

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-bert-store-'))
  cpSync(`assets/models/${ID}`, join(folder, ID), { recursive: true })
  store = new ModelStore([diskSource(folder)], nodeDigest)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function headOf(name: string) {
  const manifest = await store.manifest(ID)
  return manifest?.heads[name]?.graph as { file: string; bytes: number; sha256: string }
}

test('reads shards that follow each other into one buffer, and reports progress', async () => {
  const files = [await headOf('sentiment'), await headOf('topic')]
  const seen: Record<string, number> = {}
  const bytes = await store.read(ID, files, ({ model, file, received, total }) => {
    seen[`${model}/${file}`] = received / total
  })
  expect(bytes.length).toBe(files.reduce((sum, file) => sum + file.bytes, 0))
  expect(seen).toEqual(Object.fromEntries(files.map(({ file }) => [`${ID}/${file}`, 1])))
})

test('a model that no source has is null; a file that is missing is an error that names the sources', async () => {
  expect(await store.manifest('no-such-model')).toBeNull()
  expect(await store.manifest('../escape')).toBeNull()
  const file = { ...(await headOf('sentiment')), file: 'heads/none.onnx' }
  await expect(store.read(ID, [file])).rejects.toThrow(`${ID}/heads/none.onnx is missing: looked in disk`)
})

test('the first source that has a file wins; a source that fails is named', async () => {
  const broken: ByteSource = { name: 'kv', open: () => Promise.reject(new Error('timed out')) }
  const failing = new ModelStore([broken, diskSource(folder)], nodeDigest)
  await expect(failing.manifest(ID)).rejects.toThrow('kv failed: timed out')
  const missing: ByteSource = { name: 'kv', open: async () => null }
  expect((await new ModelStore([missing, diskSource(folder)], nodeDigest).manifest(ID))?.id).toBe(ID)
})

test('a stream that breaks off is an error that names file and source', async () => {
  const breaking: ByteSource = {
    name: 'r2',
    open: async () =>
      new ReadableStream({
        type: 'bytes',
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        pull: (controller) => controller.error(new Error('connection lost')),
      }),
  }
  const failing = new ModelStore([breaking], nodeDigest)
  const kind = 'model-unavailable'
  const message = (file: string) => `model_unavailable: ${ID}/${file} in r2 broke off: connection lost`
  const sentiment = await headOf('sentiment')
  await expect(failing.read(ID, [sentiment])).rejects.toMatchObject({ kind, message: message(sentiment.file) })
  await expect(failing.manifest(ID)).rejects.toMatchObject({ kind, message: message('model.json') })
})

test('a manifest under another model’s id is refused', async () => {
  cpSync(join(folder, ID, 'model.json'), join(folder, 'other', 'model.json'))
  await expect(store.manifest('other')).rejects.toThrow(`other/model.json in disk is that of "${ID}"`)
})

test('wrong size and wrong content are told apart', async () => {
  const emotion = await headOf('emotion')
  writeFileSync(join(folder, ID, emotion.file), new Uint8Array(emotion.bytes))
  await expect(store.read(ID, [emotion])).rejects.toThrow(
    /is corrupt: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
  )
  truncateSync(join(folder, ID, emotion.file), 10)
  await expect(store.read(ID, [emotion])).rejects.toThrow(`expected ${emotion.bytes} bytes, found 10`)
})
