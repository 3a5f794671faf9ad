/** Everything that is checked before a deployment, and what would be deployed. */
import { unstable_readConfig as readConfig } from 'wrangler'
import { readBuckets, readLogin, readNamespaces, readSecrets, type Wrangler } from './account.ts'
import * as check from './checks.ts'
import { listFiles, readPackages } from './models.ts'
import { inMebibytes, PLATFORM } from './platform.ts'

export interface Plan {
  readonly findings: readonly check.Finding[]
  /** For people: one line for each part. */
  readonly summary: readonly string[]
}

/** What is deployed. */
export interface Target {
  /** Path of wrangler.toml. */
  readonly config: string
  /** An environment in it (`--env`), whose Worker, account, variables and bindings are its own. */
  readonly env?: string | undefined
  /** Another name for the Worker (`--name`). */
  readonly name?: string | undefined
}

export interface PlanOptions extends Target {
  /** Where wrangler's dry run wrote the modules. */
  readonly build: string
  readonly nodeVersion: string
}

/** What can be checked without an account. @throws Error when the configuration cannot be read */
export function planDeployment({ config: path, env, name, build, nodeVersion }: PlanOptions): Plan {
  const config = readConfig({ config: path, env })
  const vars = config.vars as unknown as check.Variables
  const unset = check.checkVariables(vars)
  const folder = config.assets?.directory ?? 'assets'
  const files = listFiles(folder)
  const modules = listFiles(build).filter(({ name }) => /\.(js|mjs|wasm|bin|txt)$/.test(name))
  const { manifests, findings } = readPackages(`${folder}/models`)
  const inAssets = new Set(manifests.map(({ id }) => id))
  const stores = modelStores(config)
  return {
    findings: [
      ...check.checkNode(nodeVersion),
      ...check.checkAssets(files),
      ...check.checkBundle(modules),
      ...findings,
      ...(unset.length > 0
        ? unset
        : [...check.checkNames(vars, inAssets, stores.length > 0), ...check.checkMemory(vars, manifests)]),
    ],
    summary: [
      `Worker   ${name ?? config.name}: ${inMebibytes(sum(modules))} of ${inMebibytes(PLATFORM.workerBytes)}`,
      `assets   ${inMebibytes(sum(files))}; the largest file ${largest(files)} of ${inMebibytes(PLATFORM.assetBytes)}`,
      `models   ${[...inAssets].join(', ')}; more in ${stores.join(', ') || 'no KV or R2'}`,
      `memory   ${vars.MEMORY_BUDGET} of an isolate's ${PLATFORM.isolateBytes} bytes`,
      `KV       ${describeBindings(namespaces(config))}`,
      `R2       ${describeBindings(buckets(config))}`,
    ],
  }
}

/** What needs the account: login, namespaces, buckets, the key. */
export function checkAccount({ config: path, env, name }: Target, run: Wrangler): check.Finding[] {
  // Its warnings were printed with the plan.
  const config = readConfig({ config: path, env }, { hideWarnings: true })
  const inConfig = ['--config', path]
  const inEnv = env === undefined ? [] : [`--env=${env}`]
  const ask: Wrangler = (...given) => run(...given, ...inConfig, ...inEnv)
  const login = check.checkLogin(readLogin(ask), config.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID)
  if (login.length > 0) return login
  const named = (bindings: readonly check.Binding[]) => bindings.flatMap(({ id }) => (id ? [id] : []))
  const existing = named(namespaces(config)).length > 0 ? readNamespaces(ask) : new Set<string>()
  // wrangler deploys to the name as it is given, but looks for secrets under the name with the environment behind it.
  const worker = name === undefined ? inEnv : [`--name=${name}`]
  return [
    ...check.checkNamespaces(namespaces(config), existing),
    ...check.checkBuckets(buckets(config), readBuckets(ask, named(buckets(config)))),
    ...check.checkKey(readSecrets(run, [...inConfig, ...worker]), worker),
  ]
}

function sum(files: readonly check.SizedFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

function largest(files: readonly check.SizedFile[]): string {
  return inMebibytes(Math.max(0, ...files.map(({ bytes }) => bytes)))
}

/** What is used of wrangler's own type, which its package does not export whole. */
interface Config {
  readonly kv_namespaces: readonly { readonly binding: string; readonly id?: string }[]
  readonly r2_buckets: readonly { readonly binding: string; readonly bucket_name?: string }[]
}

function namespaces({ kv_namespaces }: Config): check.Binding[] {
  return kv_namespaces.map(({ binding, id }) => ({ binding, id }))
}

function buckets({ r2_buckets }: Config): check.Binding[] {
  return r2_buckets.map(({ binding, bucket_name }) => ({ binding, id: bucket_name }))
}

function modelStores(config: Config): string[] {
  const names = [...namespaces(config), ...buckets(config)].map(({ binding }) => binding)
  return names.filter((name) => name === 'MODEL_KV' || name === 'MODEL_BUCKET')
}

function describeBindings(bindings: readonly check.Binding[]): string {
  const described = bindings.map(({ binding, id }) => `${binding} (${id ?? 'wrangler makes it on the first deploy'})`)
  return described.join(', ') || 'none'
}
