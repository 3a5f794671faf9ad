/** A curl command as the request that it sends. The words are bash's, so quotes mean what they mean in a shell. */
import { execFileSync } from 'node:child_process'

export interface CurlRequest {
  readonly path: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string | null
}

const BASE = 'http://localhost:8787'

/** @throws Error for an option it does not know, or another host than the documents' Worker */
export function parseCurl(command: string): CurlRequest {
  const words = execFileSync('bash', ['-c', `curl() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' })
  const [...args] = words.split('\0').slice(0, -1)
  const headers: Record<string, string> = {}
  let url = ''
  let body: string | null = null
  let method: string | null = null
  while (args.length > 0) {
    const word = args.shift() as string
    if (word === '-d') body = args.shift() ?? null
    else if (word === '-X') method = args.shift() ?? null
    else if (word === '-H') {
      const [, name, value] = /^([\w-]+): (.*)$/.exec(args.shift() ?? '') ?? []
      headers[name as string] = value as string
    } else if (word.startsWith('-')) throw new Error(`curl ${word}: write it out in test/support/docs/curl.ts first`)
    else url = word
  }
  if (!url.startsWith(BASE)) throw new Error(`${url} is not at ${BASE}`)
  return { path: url.slice(BASE.length) || '/', method: method ?? (body === null ? 'GET' : 'POST'), headers, body }
}
