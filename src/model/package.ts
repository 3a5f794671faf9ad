/**
 * A model package: a folder (or the same keys in KV or R2) with model.json and the files that it names, each with its
 * size and sha256. Written by training/package.py.
 */
import { z } from 'zod'

const file = z.object({
  /** Path inside the package. */
  file: z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/, 'must be a relative path without ".."'),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const graph = z.object({
  graph: file,
  /** One logical file of external weights, stored as shards that follow each other. */
  weights: z.object({ location: z.string(), shards: z.array(file).min(1) }).optional(),
})

const head = graph.extend({
  task: z.string(),
  /** The rows of last_hidden_state that the head reads: [CLS], all of them, or those of [MASK]. */
  rows: z.enum(['cls', 'all', 'mask']),
  labels: z.array(z.string()).optional(),
  /** As in transformers' config: whether labels exclude each other (softmax) or not (sigmoid). */
  problem_type: z.enum(['single_label_classification', 'multi_label_classification']).optional(),
  /** The head was trained on pairs of texts. */
  pair: z.boolean().default(false),
})

export const manifestSchema = z.object({
  schema: z.literal(1),
  id: z.string(),
  description: z.string(),
  architecture: z.string(),
  language: z.string(),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  intermediate_size: z.int().positive(),
  /** Longest sequence in tokens, special tokens included. */
  max_length: z.int().positive(),
  pooling: z.enum(['mean', 'cls', 'max']),
  default_task: z.string(),
  aliases: z.array(z.string()).default([]),
  tokenizer: z.object({
    lowercase: z.boolean(),
    strip_accents: z.boolean().nullable(),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
  }),
  license: z.string(),
  provenance: z.string(),
  metrics: z.record(z.string(), z.number()).default({}),
  vocab: file,
  /** Stages run one after the other: (input_ids, token_type_ids) → … → last_hidden_state. */
  encoder: z.object({ quantization: z.string(), stages: z.array(graph).min(1) }),
  heads: z.record(z.string(), head),
})

export type Manifest = z.infer<typeof manifestSchema>
export type PackageFile = z.infer<typeof file>
export type GraphFiles = z.infer<typeof graph>
export type Head = z.infer<typeof head>

/** Bytes of a graph and its weights: about what the engine holds once it is loaded. */
export function graphBytes(files: GraphFiles): number {
  return files.graph.bytes + (files.weights?.shards.reduce((sum, shard) => sum + shard.bytes, 0) ?? 0)
}

/** Bytes of all files of a package. */
export function packageBytes(manifest: Manifest): number {
  const graphs = [...manifest.encoder.stages, ...Object.values(manifest.heads)]
  return graphs.reduce((sum, files) => sum + graphBytes(files), manifest.vocab.bytes)
}

/** A model id as it may stand in a URL: `name` or `owner/name`; nothing that could leave its folder. */
export function isModelId(id: string): boolean {
  return id.length <= 200 && /^[\w@-][\w.-]*(\/[\w-][\w.-]*){0,3}$/.test(id) && !id.includes('..')
}
