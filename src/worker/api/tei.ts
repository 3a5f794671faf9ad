/** text-embeddings-inference's routes (its README and OpenAPI document are the contract). */
import { z } from 'zod'
import { codePointOffsets } from '../../tokenizer/index.ts'
import { callOf, firstString, readJson } from '../http.ts'
import { parse, resolveModel } from '../inference.ts'
import type { Family } from './family.ts'
import { huggingFaceError } from './huggingface.ts'

const tokenizeRequest = z.object({
  inputs: z.union([z.string(), z.array(z.string()).min(1)]),
  add_special_tokens: z.boolean().nullish(),
  offset_type: z.enum(['codepoint', 'utf16']).nullish(),
})

interface SimpleToken {
  id: number
  text: string
  special: boolean
  start: number | null
  stop: number | null
}

export const textEmbeddingsInference: Family = {
  owns: (path) => /^\/(tokenize|health)$/.test(path),
  error: huggingFaceError,

  mount(app, ports) {
    app.post('/tokenize', async (c) => {
      const call = callOf(c, ports)
      const body = await readJson(c)
      const request = parse(tokenizeRequest, body, 'body')
      const manifest = await resolveModel(call, firstString(body.model), 'embedding')
      const tokenizer = await ports.library.tokenizer(manifest, call.usage, call.keepAlive)
      const texts = typeof request.inputs === 'string' ? [request.inputs] : request.inputs

      const tokenize = (text: string): SimpleToken[] => {
        const encoding = tokenizer.encode(text, { addSpecialTokens: request.add_special_tokens ?? true })
        const toWire = request.offset_type === 'utf16' ? (offset: number) => offset : codePointOffsets(text)
        return Array.from(encoding.ids, (id, i) => {
          const start = encoding.starts[i] as number
          const end = encoding.ends[i] as number
          return encoding.specialTokensMask[i]
            ? { id, text: tokenizer.idToToken(id) as string, special: true, start: null, stop: null }
            : { id, text: text.slice(start, end), special: false, start: toWire(start), stop: toWire(end) }
        })
      }
      return c.json(call.usage.measure('tokenize', () => texts.map(tokenize)))
    })
  },
}
