/**
 * Writes a packed model of ours as the folder that transformers.js reads: config.json, tokenizer_config.json,
 * tokenizer.json (made from vocab.txt), onnx/model_quantized.onnx and the weights beside it.
 *
 *   npx node examples/transformers-js/prepare.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../src/model/package.ts'
import { mergeStages } from './merge.ts'

const MODEL = 'all-MiniLM-L6-v2'

export function prepare(source = join('assets/models', MODEL), target = join(import.meta.dirname, 'assets', MODEL)) {
  const manifest: Manifest = JSON.parse(readFileSync(join(source, 'model.json'), 'utf8'))
  const vocabulary = readFileSync(join(source, manifest.vocab.file), 'utf8').trimEnd().split('\n')
  mkdirSync(join(target, 'onnx'), { recursive: true })
  const write = (file: string, content: object) => writeFileSync(join(target, file), JSON.stringify(content))

  write('config.json', config(manifest, vocabulary.length))
  write('tokenizer_config.json', tokenizerConfig(manifest))
  write('tokenizer.json', tokenizer(manifest, vocabulary))

  const { stages } = manifest.encoder
  const read = (file: string) => readFileSync(join(source, file))
  writeFileSync(join(target, 'onnx/model_quantized.onnx'), mergeStages(stages.map(({ graph }) => read(graph.file))))
  for (const { weights } of stages) {
    const shards = weights?.shards.map(({ file }) => read(file)) ?? []
    if (weights) writeFileSync(join(target, 'onnx', weights.location), Buffer.concat(shards))
  }
}

function config(manifest: Manifest, vocabularySize: number): object {
  const { hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, max_length } = manifest
  return {
    model_type: 'bert',
    architectures: ['BertModel'],
    vocab_size: vocabularySize,
    hidden_size,
    num_hidden_layers,
    num_attention_heads,
    intermediate_size,
    max_position_embeddings: max_length,
    type_vocab_size: 2,
  }
}

function tokenizerConfig({ max_length, tokenizer }: Manifest): object {
  return {
    tokenizer_class: 'BertTokenizer',
    model_max_length: max_length,
    do_lower_case: tokenizer.lowercase,
    ...{ unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' },
  }
}

/** The tokenizers library's format: BertNormalizer, BertPreTokenizer, WordPiece, [CLS] $A [SEP]. */
function tokenizer({ tokenizer: { lowercase, strip_accents, ...cleaning } }: Manifest, vocabulary: string[]): object {
  const id = (token: string) => vocabulary.indexOf(token)
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content) => ({
    ...{ id: id(content), content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }))
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: { type: 'BertNormalizer', lowercase, strip_accents, ...cleaning },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [specialToken('[CLS]', 0), sequence('A', 0), specialToken('[SEP]', 0)],
      pair: [
        ...[specialToken('[CLS]', 0), sequence('A', 0), specialToken('[SEP]', 0)],
        ...[sequence('B', 1), specialToken('[SEP]', 1)],
      ],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [id(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, index) => [token, index])),
    },
  }
}

const specialToken = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } })

if (import.meta.main) prepare()
