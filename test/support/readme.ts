/** The README's requests and answers: a `sh` block with one curl call, and the `json` block that follows it. */

export interface Example {
  readonly path: string
  readonly body: unknown
  readonly answer: string
}

const PAIR = /```sh\ncurl (\S+)[^\n]*? -d '([^']*)'\n```\n\n```json\n([\s\S]*?)\n```/g

export function examplesOf(markdown: string): Example[] {
  return [...markdown.matchAll(PAIR)].map(([, url, body, answer]) => ({
    path: new URL(url as string).pathname,
    body: JSON.parse(body as string),
    answer: answer as string,
  }))
}

/** The markdown with each answer replaced by what `ask` gives. */
export async function withAnswers(
  markdown: string,
  ask: (path: string, body: unknown) => Promise<unknown>,
): Promise<string> {
  let result = markdown
  for (const { path, body, answer } of examplesOf(markdown)) {
    result = result.replace(`\`\`\`json\n${answer}\n\`\`\``, () => `\`\`\`json\nANSWER\n\`\`\``)
    result = result.replace('ANSWER', render(await ask(path, body)))
  }
  return result
}

/** Short: numbers with four digits, long vectors cut, one element a line. */
export function render(answer: unknown): string {
  const short = round(answer)
  if (!Array.isArray(short) || typeof short[0] === 'number' || short[0] === '…') return inline(short)
  if (Array.isArray(short[0]) && typeof short[0][0] !== 'object') return `[${short.map(inline).join(',\n ')}]`
  return Array.isArray(short[0]) && short.length === 1
    ? `[[${short[0].map(inline).join(',\n  ')}]]`
    : `[${short.map(inline).join(',\n ')}]`
}

function round(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(4))
  if (Array.isArray(value)) {
    const numbers = value.length > 20 && typeof value[0] === 'number'
    return numbers ? [...value.slice(0, 3).map(round), `… ${value.length} numbers`] : value.map(round)
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, round(inner)]))
  }
  return value
}

function inline(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/([[{]) /g, '$1')
    .replace(/ ([\]}])/g, '$1')
}
