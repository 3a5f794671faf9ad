/**
 * Runs a code block of the documents and gives what it answers, as the `json` or `text` block behind it has it.
 *
 * - `sh` with curl: the request, to the Worker in workerd. `json 422` behind it expects that status.
 * - `sh` that begins with `# needs an account`: without one, as far as wrangler goes (account.ts).
 * - `sh` with npm: the commands of COMMANDS, and no other.
 * - `js`, `ts`, `python`: a program, with the Worker at http://localhost:8787.
 * - `ts worker`: a Worker with a service binding BERT to ours. Behind a block `toml worker` with its wrangler.toml: a
 *   project of its own, built by wrangler, with a classification head as assets/head.onnx.
 * - `toml`: part of wrangler.toml; documents.test.ts.
 */
import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { transformSync } from 'esbuild'
import { pythonWith } from '../../clients/python/environment.ts'
import { buildWorker } from '../build.ts'
import { startWorker, type TestWorker, type WorkerOptions } from '../worker.ts'
import { withoutAccount } from './account.ts'
import { render } from './answer.ts'
import { COMMANDS } from './commands.ts'
import { parseCurl } from './curl.ts'
import type { Block } from './markdown.ts'

const execute = promisify(execFile)
const FOLDER = 'dist/docs'
const HEAD = 'assets/models/multitask-minilm/heads/sentiment.onnx'

/** What a comment `<!-- worker: {…} -->` may say. */
interface Settings {
  readonly vars?: Record<string, unknown>
  /** A file of assets/models that is not there. */
  readonly missing?: string
}

export class DocumentRunner {
  readonly #workers = new Map<string, Promise<TestWorker>>()
  /** Of npm commands, which take their time: each is run once. */
  readonly #outputs = new Map<() => unknown, string>()
  #project: Block | null = null
  #prepared = false

  /** @throws Error when the block does not do what it should */
  async run(block: Block): Promise<string> {
    const kind = [block.language, block.meta].filter((word) => word !== '').join(' ')
    switch (kind) {
      case 'sh':
        return this.#shell(block)
      case 'js':
      case 'ts':
        return this.#program(block, 'node')
      case 'python':
        return this.#program(block, await pythonWith('requirements.txt'))
      case 'ts worker':
        return this.#worker(block)
      case 'toml worker':
        this.#project = block
        return ''
      case 'toml':
        return ''
      default:
        throw new Error(`${block.file}:${block.line}: nothing runs a block of "${kind}"`)
    }
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers.values()) await (await worker).stop()
  }

  async #shell(block: Block): Promise<string> {
    if (block.text.startsWith('# needs an account\n')) return withoutAccount(block.text)
    if (block.text.startsWith('curl ')) return this.#curl(block)
    const command = COMMANDS.get(block.text.replace(/ +#.*$/gm, ''))
    if (!command) throw new Error(`${block.file}:${block.line}: nothing runs \`${block.text}\``)
    const known = this.#outputs.get(command)
    if (known !== undefined) return known
    const output = await command()
    this.#outputs.set(command, output)
    return output
  }

  async #curl(block: Block): Promise<string> {
    const { path, method, headers, body } = parseCurl(block.text)
    const response = await (await this.worker(block.worker)).fetch(path, { method, headers, body })
    const text = await response.text()
    const status = Number(block.answer?.meta || 200)
    if (response.status !== status) throw new Error(`status ${response.status} instead of ${status}: ${text}`)
    return /json/.test(response.headers.get('content-type') ?? '') ? render(JSON.parse(text)) : text.trim()
  }

  async #program(block: Block, interpreter: string): Promise<string> {
    this.#prepare()
    const { url } = await this.worker(block.worker)
    const extension = block.language === 'python' ? 'py' : block.language
    const file = join(FOLDER, `${block.file.replace(/\W/g, '-')}-${block.line}.${extension}`)
    writeFileSync(file, block.text.replaceAll('http://localhost:8787', url.origin))
    const { stdout } = await execute(interpreter, [file])
    return stdout.trim()
  }

  async #worker(block: Block): Promise<string> {
    const project = this.#project
    this.#project = null
    const worker = project
      ? await this.#build(project, block)
      : await startWorker({ extraWorkers: { docs: js(block) } })
    const response = project ? await worker.fetch('/') : await worker.fetchExtra('docs', '/')
    const text = await response.text()
    await worker.stop()
    if (response.status !== 200) throw new Error(`${block.file}:${block.line}: ${response.status} ${text}`)
    return /json/.test(response.headers.get('content-type') ?? '') ? render(JSON.parse(text)) : text.trim()
  }

  async #build(config: Block, block: Block): Promise<TestWorker> {
    const folder = join(FOLDER, `worker-${block.line}`)
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    write('wrangler.toml', config.text)
    write('src/worker.ts', block.text)
    mkdirSync(join(folder, 'assets'), { recursive: true })
    copyFileSync(HEAD, join(folder, 'assets/head.onnx'))
    const [entry, toml, build] = ['src/worker.ts', 'wrangler.toml', 'build'].map((name) => resolve(folder, name))
    buildWorker(entry as string, build as string, toml as string)
    return startWorker({ config: toml as string, build: build as string })
  }

  /** The Worker that a block talks to: one for all that say nothing special. */
  worker(settings: string | null = null): Promise<TestWorker> {
    const key = settings ?? '{}'
    const known = this.#workers.get(key)
    if (known) return known
    const started = startWorker(optionsOf(JSON.parse(key)))
    this.#workers.set(key, started)
    return started
  }

  /** A folder whose programs find the repository's node_modules, and edge-bert as npm would install it. */
  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    const installed = join(FOLDER, 'node_modules/edge-bert')
    rmSync(FOLDER, { recursive: true, force: true })
    mkdirSync(installed, { recursive: true })
    writeFileSync(join(FOLDER, 'package.json'), '{ "type": "module" }')
    copyFileSync('package.json', join(installed, 'package.json'))
    execFileSync('tsc', ['-p', 'tsconfig.package.json', '--outDir', join(installed, 'dist/package')])
  }
}

function optionsOf({ vars = {}, missing }: Settings): WorkerOptions {
  return missing ? { vars, assets: (path, bytes) => (path === `/models/${missing}` ? null : bytes) } : { vars }
}

function js(block: Block): string {
  return transformSync(block.text, { loader: 'ts', format: 'esm' }).code
}
