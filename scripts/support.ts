/** For tests of the commands: a folder with a configuration and a wrangler of its own, to run them in. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's wrangler.toml with more in it, and the real Worker and assets. Returns its path. */
export function writeConfig(folder: string, more = ''): string {
  const path = join(folder, 'wrangler.toml')
  const text = readFileSync('wrangler.toml', 'utf8')
    .replace('directory = "./assets"', `directory = "${process.cwd()}/assets"`)
    .replace('src/worker/index.ts', `${process.cwd()}/src/worker/index.ts`)
  writeFileSync(path, `${text}\n${more}`)
  return path
}

/** @param script an ES module, run instead of wrangler with its arguments */
export function installWrangler(folder: string, script: string): void {
  const home = join(folder, 'node_modules/wrangler')
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'wrangler', bin: { wrangler: 'bin/wrangler.mjs' } }))
  writeFileSync(join(home, 'bin/wrangler.mjs'), script)
}
