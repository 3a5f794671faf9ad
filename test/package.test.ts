/** The package as another project gets it: packed, unpacked, imported, type-checked, bundled. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = mkdtempSync(join(tmpdir(), 'edge-bert-package-'))
const installed = join(project, 'node_modules/edge-bert')

const run = (command: string, ...given: string[]) =>
  execFileSync(command, given, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

beforeAll(() => {
  // Built already (test/support/package.ts), and read by other test files right now.
  const given = ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', project]
  const [packed] = JSON.parse(`${execFileSync('npm', given)}`)
  mkdirSync(installed, { recursive: true })
  run('tar', 'xzf', packed.filename, '--strip-components=1', '-C', installed)
  for (const name of ['zod', 'onnxruntime-web', 'onnxruntime-common']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name))
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rmSync(project, { recursive: true }))

test('plain Node imports the client', () => {
  const script = `
    import { EdgeBertClient, EdgeBertError } from 'edge-bert/client'
    const bert = new EdgeBertClient({ url: 'http://127.0.0.1:1' })
    const error = await bert.task('sentiment', 'x').catch((error) => error)
    console.log(error instanceof EdgeBertError, error.kind)`
  expect(run('node', '--input-type=module', '-e', script)).toBe('true Network\n')
})

test.each(['bundler', 'nodenext'])('TypeScript finds the types: %s', (moduleResolution) => {
  const source = `
    import { type EdgeBertService, EdgeBertClient } from 'edge-bert/client'
    import { createRuntime, type Runtime } from 'edge-bert/onnxruntime-workerd'
    export async function f(bert: EdgeBertClient, service: EdgeBertService, wasm: WebAssembly.Module) {
      const runtime: Runtime = createRuntime(wasm)
      const [best] = await bert.task('fill-mask', 'x [MASK]')
      const vectors: number[][] = await service.featureExtraction(['a', 'b'])
      const wrong: string = await service.featureExtraction('a')
      return [runtime.heapBytes, best, vectors, wrong]
    }`
  writeFileSync(join(project, 'index.ts'), source)
  const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext'
  const options = { module, moduleResolution, target: 'es2024', lib: ['es2024', 'dom'], types: [], strict: true }
  const compilerOptions = { ...options, noEmit: true, skipLibCheck: true }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }))
  let output = ''
  try {
    execFileSync(resolve('node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' })
  } catch (error) {
    output = (error as { stdout: string }).stdout
  }
  const errors = output.split('\n').filter((line) => line.includes('error TS'))
  expect(errors).toEqual([
    expect.stringMatching(/^.*index\.ts\(8,13\): error TS2322: Type 'number\[\]' is not assignable/),
  ])
})

test('a page that uses the client carries at most 900 bytes of it, gzipped', () => {
  const contents = `import { EdgeBertClient } from 'edge-bert/client'; globalThis.bert = EdgeBertClient`
  const { outputFiles, warnings } = buildSync({
    stdin: { contents, resolveDir: project },
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', write: false },
  })
  const bytes = gzipSync((outputFiles[0] as { contents: Uint8Array }).contents).length
  console.info(`edge-bert/client: ${bytes} bytes gzipped`)
  expect(warnings).toEqual([])
  expect(bytes).toBeLessThanOrEqual(900)
})

test('a page that imports only types carries nothing', () => {
  const contents = `import { LISTED } from 'edge-bert/client'; console.log(1)`
  const options = { bundle: true, minify: true, format: 'esm', write: false } as const
  const { outputFiles } = buildSync({ stdin: { contents, resolveDir: project }, ...options })
  expect(outputFiles[0]?.text).toBe('console.log(1);\n')
})

test('what is exported, and nothing else', async () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  expect(Object.keys(exports)).toEqual(['./client', './onnxruntime-workerd'])
  const names = (path: string) =>
    run('node', '-e', `import('${path}').then((all) => console.log(Object.keys(all).sort().join(' ')))`).trim()
  expect(names('edge-bert/client')).toBe('EdgeBertClient EdgeBertError LISTED')
  expect(names('edge-bert/onnxruntime-workerd')).toBe('createRuntime provideRuntime')
})
