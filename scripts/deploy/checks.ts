/** What may keep a deployment from working, found before wrangler is asked. Each check takes what it looks at. */
import { graphBytes, type Manifest } from '../../src/model/package.ts'
import { LARGEST_STAGE_BYTES } from '../../src/model/session-pool.ts'
import { PLATFORM } from './platform.ts'

export interface Finding {
  /** An error stops the deployment. */
  readonly level: 'error' | 'warning'
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

const error = (message: string, fix: string): Finding => ({ level: 'error', message, fix })
const warning = (message: string, fix: string): Finding => ({ level: 'warning', message, fix })

/** @param version as process.version has it */
export function checkNode(version: string): Finding[] {
  const major = Number(/^v(\d+)/.exec(version)?.[1])
  if (major >= PLATFORM.nodeMajor) return []
  const fix = 'Run `npm ci` and use `npm run deploy`: it brings a Node of its own.'
  return [error(`Node ${version} is too old for wrangler, which needs ${PLATFORM.nodeMajor}.`, fix)]
}

export interface SizedFile {
  readonly name: string
  readonly bytes: number
}

export function checkAssets(files: readonly SizedFile[]): Finding[] {
  const tooLarge = files
    .filter(({ bytes }) => bytes > PLATFORM.assetBytes)
    .map(({ name, bytes }) =>
      error(
        `${name} has ${bytes} bytes; an asset may have ${PLATFORM.assetBytes} (25 MiB).`,
        'Make SHARD_BYTES in training/package.py smaller and pack the model again, or keep it in R2.',
      ),
    )
  if (files.length <= PLATFORM.assetFiles) return tooLarge
  const message = `${files.length} files in assets; a Worker may have ${PLATFORM.assetFiles}.`
  return [...tooLarge, error(message, 'Move models to R2.')]
}

/** @param modules what wrangler would upload */
export function checkBundle(modules: readonly SizedFile[]): Finding[] {
  const bytes = modules.reduce((sum, module) => sum + module.bytes, 0)
  if (bytes <= PLATFORM.workerBytes) return []
  const largest = modules.toSorted((a, b) => b.bytes - a.bytes)[0]
  const message = `The Worker has ${bytes} bytes; the platform takes ${PLATFORM.workerBytes} (64 MiB).`
  return [error(message, `The largest module is ${largest?.name} with ${largest?.bytes} bytes.`)]
}

export interface Variables {
  readonly MODELS: readonly string[]
  readonly DEFAULT_MODEL: string
  readonly EMBEDDING_MODEL: string
  readonly MEMORY_BUDGET: number
  readonly MODEL_ALIASES: boolean
  readonly MAX_BATCH_TOKENS: number
  readonly MAX_WINDOWED_TOKENS: number
  readonly MAX_CONCURRENT_REQUESTS: number
}

const VARIABLES = [
  'MODELS',
  'DEFAULT_MODEL',
  'EMBEDDING_MODEL',
  'MEMORY_BUDGET',
  'MODEL_ALIASES',
  'MAX_BATCH_TOKENS',
  'MAX_WINDOWED_TOKENS',
  'MAX_CONCURRENT_REQUESTS',
] as const satisfies (keyof Variables)[]

/** Variables that are not set at all, as in an environment without any. */
export function checkVariables(vars: Partial<Variables>): Finding[] {
  return VARIABLES.filter((name) => vars[name] === undefined).map((name) =>
    error(
      `${name} is not set.`,
      'Put it into [vars] of wrangler.toml; an environment has its own, [env.<name>.vars], and inherits none.',
    ),
  )
}

/** Names in wrangler.toml that lead nowhere. A model that is not among the assets may be in KV or R2. */
export function checkNames(vars: Variables, inAssets: ReadonlySet<string>, hasModelStore: boolean): Finding[] {
  const named = [
    ...vars.MODELS.map((id) => ['MODELS', id] as const),
    ['DEFAULT_MODEL', vars.DEFAULT_MODEL] as const,
    ['EMBEDDING_MODEL', vars.EMBEDDING_MODEL] as const,
  ]
  const fix = 'Name a folder of assets/models, or bind MODEL_KV or MODEL_BUCKET and put the model there.'
  return named
    .filter(([, id]) => !inAssets.has(id) && !hasModelStore)
    .map(([name, id]) => error(`${name} names "${id}", which is not in assets/models.`, fix))
}

/** Memory of onnxruntime-web 1.30 without any session (src/model/ort-engine.ts). */
const RUNTIME_BYTES = 16_777_216

export function checkMemory({ MEMORY_BUDGET: budget }: Variables, manifests: readonly Manifest[]): Finding[] {
  if (!Number.isInteger(budget) || budget <= 0) {
    return [error(`MEMORY_BUDGET is ${budget}; it must be a number of bytes.`, 'The default is 100_000_000.')]
  }
  if (budget > PLATFORM.isolateBytes) {
    const message = `MEMORY_BUDGET is ${budget}; an isolate has ${PLATFORM.isolateBytes} bytes for everything.`
    return [error(message, 'Leave some 20 MB to JavaScript: 100_000_000 is the default.')]
  }
  if (budget > PLATFORM.isolateBytes - 15_000_000) {
    const message = `MEMORY_BUDGET is ${budget}: too little is left of the isolate's ${PLATFORM.isolateBytes} bytes.`
    return [warning(message, 'JavaScript needs some 20 MB beside it: 100_000_000 is the default.')]
  }
  return manifests.flatMap((manifest) => {
    const needed = RUNTIME_BYTES + LARGEST_STAGE_BYTES + loadedBytes(manifest)
    if (needed <= budget) return checkStages(manifest)
    const message = `MEMORY_BUDGET is ${budget}; ${manifest.id} with its largest head needs ${needed}.`
    return [error(message, 'Raise MEMORY_BUDGET in wrangler.toml, to 100_000_000 at most, or take a smaller model.')]
  })
}

/** Graphs that SessionPool may refuse: their bytes are staged beside the heap, which keeps the size it once had. */
function checkStages({ id, encoder, heads }: Manifest): Finding[] {
  return [...encoder.stages, ...Object.values(heads)]
    .filter((stage) => graphBytes(stage) > LARGEST_STAGE_BYTES)
    .map((stage) =>
      warning(
        `${id}: ${stage.graph.file} has ${graphBytes(stage)} bytes with its weights; at most ${LARGEST_STAGE_BYTES} always fit.`,
        'A warm isolate whose memory other graphs have filled may answer `model_unavailable`. Take a smaller model.',
      ),
    )
}

function loadedBytes({ encoder, heads }: Manifest): number {
  const stages = encoder.stages.reduce((sum, stage) => sum + graphBytes(stage), 0)
  return stages + Math.max(0, ...Object.values(heads).map(graphBytes))
}

/** What `wrangler whoami --json` says. */
export interface Login {
  readonly loggedIn: boolean
  readonly accounts?: readonly { readonly id: string; readonly name: string }[]
}

/** @param accountId of wrangler.toml or CLOUDFLARE_ACCOUNT_ID */
export function checkLogin(login: Login, accountId: string | undefined): Finding[] {
  if (!login.loggedIn) {
    return [error('You are not logged in to Cloudflare.', 'Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.')]
  }
  const accounts = login.accounts ?? []
  if (accounts.length > 1 && !accountId) {
    const names = accounts.map(({ id, name }) => `${name} (${id})`).join(', ')
    return [error(`You have ${accounts.length} accounts: ${names}.`, 'Set account_id in wrangler.toml.')]
  }
  if (accountId && !accounts.some(({ id }) => id === accountId)) {
    return [
      error(`Your login cannot use the account ${accountId}.`, 'Log in as somebody who can, or change account_id.'),
    ]
  }
  return []
}

export interface Binding {
  readonly binding: string
  /** A namespace's id or a bucket's name; without one wrangler makes it on the first deploy. */
  readonly id: string | undefined
}

/** @param existing ids in the account; null where they could not be listed */
export function checkNamespaces(bindings: readonly Binding[], existing: ReadonlySet<string> | null): Finding[] {
  if (existing === null) {
    const fix = 'Give your token the permission "Workers KV Storage: Edit".'
    return [warning('Your login may not list KV namespaces, so those in wrangler.toml are not checked.', fix)]
  }
  return bindings
    .filter(({ id }) => id !== undefined && !existing.has(id))
    .map(({ binding, id }) =>
      error(
        `The KV namespace ${id}, bound as ${binding}, is not in your account.`,
        `Take the id out of wrangler.toml: wrangler makes a namespace. Or run \`npx wrangler kv namespace create ${binding}\`.`,
      ),
    )
}

/** @param existing names in the account */
export function checkBuckets(bindings: readonly Binding[], existing: ReadonlySet<string>): Finding[] {
  return bindings
    .filter(({ id }) => id !== undefined && !existing.has(id))
    .map(({ binding, id }) =>
      error(
        `The R2 bucket ${id}, bound as ${binding}, is not in your account.`,
        `Run \`npx wrangler r2 bucket create ${id}\`.`,
      ),
    )
}

/**
 * @param secrets names of the Worker's secrets; null where there is no such Worker yet
 * @param worker arguments that name it where it is not wrangler.toml's own
 */
export function checkKey(secrets: readonly string[] | null, worker: readonly string[] = []): Finding[] {
  if (secrets?.includes('API_KEY')) return []
  const fix = `Run \`${['npx wrangler secret put API_KEY', ...worker].join(' ')}\`.`
  return [warning('The secret API_KEY is not set: everyone who knows the address may use this Worker.', fix)]
}

export function describeFinding({ level, message, fix }: Finding): string {
  return `${level}: ${message}\n         ${fix}`
}
