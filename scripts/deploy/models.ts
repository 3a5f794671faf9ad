/** The packed models of assets/models against their manifests. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isModelId, type Manifest, manifestSchema, type PackageFile } from '../../src/model/package.ts'
import { registry } from '../../src/tasks/registry.ts'
import { BertTokenizer, Vocab } from '../../src/tokenizer/index.ts'
import { taskOn } from '../../src/worker/inference.ts'
import type { Finding, SizedFile } from './checks.ts'

export interface Packages {
  readonly manifests: readonly Manifest[]
  readonly findings: readonly Finding[]
}

const FIX = 'Get the file again (`git checkout assets`), or pack the model again (training/package.py).'

/**
 * Reads every package below a folder; every file that a manifest names must be there, with its size and sha256, and what
 * the Worker would only find out with a request must be right: the default task, the vocabulary.
 */
export function readPackages(folder: string): Packages {
  const manifests: Manifest[] = []
  const findings: Finding[] = []
  const say = (message: string) => findings.push({ level: 'error', message, fix: FIX })
  const { ids, empty } = findPackages(folder)
  for (const path of empty) say(`${join(folder, path)} has no model.json.`)
  for (const id of ids) {
    const path = join(folder, id, 'model.json')
    const parsed = manifestSchema.safeParse(parseJson(readFileSync(path, 'utf8')))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      say(`${path} is not a manifest: ${issue?.path.join('.')} ${issue?.message}.`)
      continue
    }
    if (!isModelId(id)) say(`${path}: "${id}" cannot be the id of a model.`)
    if (parsed.data.id !== id) say(`${path} says that its id is "${parsed.data.id}".`)
    manifests.push(parsed.data)
    const faults = filesOf(parsed.data).flatMap((file) => compare(join(folder, id, file.file), file) ?? [])
    const { default_task: task } = parsed.data
    if (!taskOn(parsed.data, task)) {
      say(`${path}: default_task "${task}" is neither a task nor a head; tasks: ${[...registry.keys()].join(', ')}.`)
    }
    for (const fault of faults.length > 0 ? faults : checkVocab(join(folder, id, parsed.data.vocab.file))) say(fault)
  }
  return { manifests, findings }
}

/**
 * Packages by their id, which is the path of what holds a model.json (`name`, `owner/name`), and the topmost folders
 * without any. Files beside packages are nobody's, nor are hidden folders.
 */
function findPackages(folder: string): { ids: string[]; empty: string[] } {
  const ids: string[] = []
  const empty: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const inside = findPackages(join(folder, entry.name))
    const isPackage = existsSync(join(folder, entry.name, 'model.json'))
    if (isPackage) ids.push(entry.name)
    ids.push(...inside.ids.map((id) => `${entry.name}/${id}`))
    if (!isPackage && inside.ids.length === 0) empty.push(entry.name)
    // The folders of a package are its own.
    else if (!isPackage) empty.push(...inside.empty.map((path) => `${entry.name}/${path}`))
  }
  return { ids, empty }
}

/** The Worker's own tokenizer says what it misses: [UNK], [CLS], [SEP], [PAD] and [MASK] must be there. */
function checkVocab(path: string): string[] {
  try {
    BertTokenizer.fromVocab(Vocab.fromText(readFileSync(path, 'utf8')))
    return []
  } catch (cause) {
    return [`${path}: ${(cause as Error).message}.`]
  }
}

function filesOf({ vocab, encoder, heads }: Manifest): PackageFile[] {
  const graphs = [...encoder.stages, ...Object.values(heads)]
  return [vocab, ...graphs.flatMap(({ graph, weights }) => [graph, ...(weights?.shards ?? [])])]
}

function compare(path: string, { bytes, sha256 }: PackageFile): string | null {
  if (!existsSync(path)) return `${path} is missing.`
  const content = readFileSync(path)
  if (content.length !== bytes) return `${path} has ${content.length} bytes; its manifest says ${bytes}.`
  const found = createHash('sha256').update(content).digest('hex')
  return found === sha256 ? null : `${path} has the sha256 ${found}; its manifest says ${sha256}.`
}

/** Every file below a folder. */
export function listFiles(folder: string): SizedFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name: join(folder, name), stat: statSync(join(folder, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => ({ name, bytes: stat.size }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
