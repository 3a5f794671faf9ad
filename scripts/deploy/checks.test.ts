/** Each complaint, from what it looks at. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type GraphFiles, type Manifest, manifestSchema } from '../../src/model/package.ts'
import {
  checkAssets,
  checkBuckets,
  checkBundle,
  checkKey,
  checkLogin,
  checkMemory,
  checkNames,
  checkNamespaces,
  checkNode,
  checkVariables,
  describeFinding,
  type Finding,
  type Variables,
} from './checks.ts'

const manifest: Manifest = manifestSchema.parse(
  JSON.parse(readFileSync('assets/models/multitask-minilm/model.json', 'utf8')),
)
const vars: Variables = {
  MODELS: ['multitask-minilm'],
  DEFAULT_MODEL: 'multitask-minilm',
  EMBEDDING_MODEL: 'all-MiniLM-L6-v2',
  MEMORY_BUDGET: 100_000_000,
  MODEL_ALIASES: true,
  MAX_BATCH_TOKENS: 65_536,
  MAX_WINDOWED_TOKENS: 8_192,
  MAX_CONCURRENT_REQUESTS: 128,
}
const MODELS = new Set(['multitask-minilm', 'all-MiniLM-L6-v2'])
/** The model with a second stage of so many bytes. */
function large(bytes: number): Manifest {
  const [first, second] = manifest.encoder.stages as [GraphFiles, GraphFiles]
  const stages = [first, { graph: { ...second.graph, bytes } }]
  return { ...manifest, encoder: { ...manifest.encoder, stages } }
}
const file = (name: string, bytes: number) => ({ name, bytes })
const MIB = 2 ** 20

test.each<[what: string, findings: Finding[], level: Finding['level'], message: RegExp]>([
  ['an old Node', checkNode('v20.19.0'), 'error', /Node v20\.19\.0 is too old.* 22/],
  [
    'a large asset',
    checkAssets([file('assets/a.bin', 25 * MIB + 1)]),
    'error',
    /assets\/a\.bin has 26214401 bytes.*26214400 \(25 MiB\)/,
  ],
  [
    'too many assets',
    checkAssets(Array.from({ length: 100_001 }, (_, i) => file(`${i}`, 1))),
    'error',
    /100001 files in assets.* 100000/,
  ],
  [
    'a large Worker',
    checkBundle([file('index.js', MIB), file('ort.wasm', 64 * MIB)]),
    'error',
    /68157440 bytes.*67108864 \(64 MiB\)/,
  ],
  [
    'a model that is not there',
    checkNames({ ...vars, DEFAULT_MODEL: 'bert-base' }, MODELS, false),
    'error',
    /DEFAULT_MODEL names "bert-base"/,
  ],
  [
    'a listed model that is not there',
    checkNames({ ...vars, MODELS: ['x'] }, MODELS, false),
    'error',
    /MODELS names "x"/,
  ],
  [
    'a budget that is no number',
    checkMemory({ ...vars, MEMORY_BUDGET: Number.NaN }, []),
    'error',
    /MEMORY_BUDGET is NaN/,
  ],
  [
    'a budget over the isolate',
    checkMemory({ ...vars, MEMORY_BUDGET: 256_000_000 }, []),
    'error',
    /256000000.*128000000/,
  ],
  [
    'a budget that leaves nothing',
    checkMemory({ ...vars, MEMORY_BUDGET: 120_000_000 }, []),
    'warning',
    /too little is left/,
  ],
  [
    'a budget below a model',
    checkMemory({ ...vars, MEMORY_BUDGET: 60_000_000 }, [manifest]),
    'error',
    /60000000; multitask-minilm with its largest head needs 6\d{7}/,
  ],
  [
    'a stage that a full heap has no room for',
    checkMemory(vars, [large(12_600_000)]),
    'warning',
    /multitask-minilm: encoder\/layers\.onnx has 12600000 bytes with its weights; at most 12500000 always fit/,
  ],
  ['no login', checkLogin({ loggedIn: false }, undefined), 'error', /not logged in/],
  [
    'two accounts',
    checkLogin(
      {
        loggedIn: true,
        accounts: [
          { id: '1', name: 'A' },
          { id: '2', name: 'B' },
        ],
      },
      undefined,
    ),
    'error',
    /2 accounts: A \(1\), B \(2\)/,
  ],
  [
    'an account that is not theirs',
    checkLogin({ loggedIn: true, accounts: [{ id: '1', name: 'A' }] }, '2'),
    'error',
    /cannot use the account 2/,
  ],
  [
    'a namespace that is not there',
    checkNamespaces([{ binding: 'VOCAB', id: 'abc' }], new Set(['def'])),
    'error',
    /namespace abc, bound as VOCAB/,
  ],
  [
    'a bucket that is not there',
    checkBuckets([{ binding: 'MODEL_BUCKET', id: 'models' }], new Set()),
    'error',
    /bucket models, bound as MODEL_BUCKET/,
  ],
  ['a Worker without a key', checkKey([]), 'warning', /API_KEY is not set/],
  ['a Worker that is not deployed yet', checkKey(null), 'warning', /API_KEY is not set/],
])('%s', (_, findings, level, message) => {
  expect(findings).toHaveLength(1)
  const [finding] = findings as [Finding]
  expect(finding.level).toBe(level)
  expect(finding.message).toMatch(message)
  expect(describeFinding(finding)).toBe(`${level}: ${finding.message}\n         ${finding.fix}`)
})

test('what is right is not spoken of', () => {
  const login = { loggedIn: true, accounts: [{ id: '1', name: 'A' }] }
  const findings = [
    checkNode('v22.12.0'),
    checkAssets([file('a', 25 * MIB)]),
    checkBundle([file('index.js', 64 * MIB)]),
    checkNames(vars, MODELS, false),
    checkNames({ ...vars, DEFAULT_MODEL: 'in-r2' }, MODELS, true),
    checkMemory(vars, [manifest, large(12_500_000)]),
    checkVariables(vars),
    checkLogin(login, undefined),
    checkLogin(login, '1'),
    checkNamespaces([{ binding: 'VOCAB', id: undefined }], new Set()),
    checkNamespaces([{ binding: 'VOCAB', id: 'abc' }], new Set(['abc'])),
    checkBuckets([{ binding: 'MODEL_BUCKET', id: 'models' }], new Set(['models'])),
    checkKey(['OTHER', 'API_KEY']),
  ]
  expect(findings.flat()).toEqual([])
})

test('a key is set for the Worker that is deployed', () => {
  expect(checkKey([], ['--env=staging'])).toMatchObject([
    { fix: 'Run `npx wrangler secret put API_KEY --env=staging`.' },
  ])
})
