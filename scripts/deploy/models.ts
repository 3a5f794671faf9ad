/** The packed models of assets/models against their manifests. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Manifest, manifestSchema, type PackageFile } from '../../src/model/package.ts'
import type { Finding, SizedFile } from './checks.ts'

export interface Packages {
  readonly manifests: readonly Manifest[]
  readonly findings: readonly Finding[]
}

const FIX = 'Get the file again (`git checkout assets`), or pack the model again (training/package.py).'

/** Reads every package in a folder; every file that a manifest names must be there, with its size and sha256. */
export function readPackages(folder: string): Packages {
  const manifests: Manifest[] = []
  const findings: Finding[] = []
  const say = (message: string) => findings.push({ level: 'error', message, fix: FIX })
  for (const id of readdirSync(folder)) {
    const path = join(folder, id, 'model.json')
    if (!existsSync(path)) {
      say(`${join(folder, id)} has no model.json.`)
      continue
    }
    const parsed = manifestSchema.safeParse(parseJson(readFileSync(path, 'utf8')))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      say(`${path} is not a manifest: ${issue?.path.join('.')} ${issue?.message}.`)
      continue
    }
    if (parsed.data.id !== id) say(`${path} says that its id is "${parsed.data.id}".`)
    manifests.push(parsed.data)
    for (const file of filesOf(parsed.data)) {
      const fault = compare(join(folder, id, file.file), file)
      if (fault) say(fault)
    }
  }
  return { manifests, findings }
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
