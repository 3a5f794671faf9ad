/**
 * Tokens of OpenAI's cl100k_base back into text. The ranks are a file among the assets, fetched when the first tokens
 * come. A whole Tiktoken takes 70 MB and 0.7 s (measured in Node 24), more than an isolate has to spare: what stays is
 * the file as one string, and a Tiktoken is made of just the tokens that a request holds.
 */
import { Tiktoken, type TiktokenBPE } from 'js-tiktoken/lite'
import { z } from 'zod'
import { empty, invalid } from '../../errors.ts'
import { Once } from '../../model/once.ts'
import { unavailable } from '../../model/store.ts'
import { MAX_TEXTS, texts } from '../../tasks/embed.ts'
import { text } from '../../tasks/text.ts'
import { checkCount } from '../inference.ts'
import type { Ports } from '../ports.ts'
import { tokenList } from './tokens.ts'

const FILE = 'tiktoken/cl100k_base.json'
/** Of the texts that the tokens of a request stand for: twice what a body of texts may have. */
const MOST_BYTES = 4_000_000

class Ranks {
  readonly #file: TiktokenBPE
  /** Where each token's base64 begins in the file, by id. */
  readonly #starts: Uint32Array

  constructor(file: TiktokenBPE) {
    this.#file = file
    const { bpe_ranks } = file
    const starts: number[] = []
    // One line: "! 0 IQ== Ig== …", a token after each space, counted from 0.
    for (let at = bpe_ranks.indexOf(' ', 2); at !== -1; at = bpe_ranks.indexOf(' ', at + 1)) starts.push(at + 1)
    this.#starts = Uint32Array.from([...starts, bpe_ranks.length + 1])
  }

  /** Bytes that stay in memory; the string is Latin-1. */
  get byteLength(): number {
    return this.#file.bpe_ranks.length + this.#starts.byteLength
  }

  get size(): number {
    return this.#starts.length - 1
  }

  has(id: number): boolean {
    return id < this.size || Object.values(this.#file.special_tokens).includes(id)
  }

  /** UTF-8 bytes of a token's text, told by the length of its base64: up to two more than there are. */
  bytesOf(id: number): number {
    return id < this.size ? (this.#base64(id).length / 4) * 3 : 0
  }

  decode(lists: readonly (readonly number[])[]): string[] {
    const ids = [...new Set(lists.flat())].filter((id) => id < this.size)
    const lines = ids.map((id) => `! ${id} ${this.#base64(id)}`)
    const tiktoken = new Tiktoken({ ...this.#file, bpe_ranks: lines.join('\n') })
    return lists.map((list) => tiktoken.decode([...list]))
  }

  #base64(id: number): string {
    return this.#file.bpe_ranks.slice(this.#starts[id], (this.#starts[id + 1] as number) - 1)
  }
}

/** One for the isolate. */
const loaded = new Once<Ranks>()

function ranks({ asset, library }: Ports): Promise<Ranks> {
  const make = async () => {
    const file = await asset(FILE)
    if (file === null) throw unavailable(`${FILE} is not among the assets`)
    return new Ranks(JSON.parse(file))
  }
  return loaded.get(FILE, make, ({ byteLength }) => library.pool.hold(byteLength))
}

/** A text, texts, or token arrays: of cl100k_base, because the clients that send arrays made them with it. */
export const textsOrTokens = z
  .union([text, texts, tokenList, z.array(tokenList).max(MAX_TEXTS)])
  .describe("A text, texts, or tokens of OpenAI's cl100k_base.")

/**
 * What a client of OpenAI's API sends, as texts.
 * @param field what the contract calls the input
 * @throws ServiceError('empty') for a list without elements, ServiceError('validation') for an id outside cl100k_base
 */
export async function inputTexts(
  input: z.infer<typeof textsOrTokens>,
  field: string,
  ports: Ports,
): Promise<readonly string[]> {
  if (typeof input === 'string') return [input]
  const [first] = input
  const isOneList = typeof first === 'number'
  if (!isOneList) checkCount(input, field, ports)
  if (typeof first === 'string') return input as string[]
  const lists = (isOneList ? [input] : input) as number[][]
  const cl100k = await ranks(ports)
  for (const [i, list] of lists.entries()) {
    const name = lists.length === 1 ? field : `${field}[${i}]`
    if (list.length === 0) throw empty(`\`${name}\` cannot be empty`, field)
    const unknown = list.find((id) => !cl100k.has(id))
    if (unknown !== undefined)
      throw invalid(`\`${name}\` has a token outside cl100k_base (${cl100k.size} tokens). Given: ${unknown}`, field)
  }
  checkBytes(lists, field, cl100k)
  return cl100k.decode(lists)
}

/** A token of 128 spaces is five digits: a body within its limit may hold twenty times its length in text. */
function checkBytes(lists: readonly (readonly number[])[], field: string, cl100k: Ranks): void {
  let bytes = 0
  for (const list of lists) for (const id of list) bytes += cl100k.bytesOf(id)
  if (bytes > MOST_BYTES)
    throw invalid(`\`${field}\` must have at most ${MOST_BYTES} bytes of text. Given: ${bytes}`, field)
}
