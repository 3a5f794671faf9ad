export type { Encoding } from './encoding.ts'
export { codePointOffsets } from './offsets.ts'
export { BertTokenizer, type EncodeOptions } from './tokenizer.ts'
export { Vocab } from './vocab.ts'
