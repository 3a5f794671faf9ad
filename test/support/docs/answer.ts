/** How answers are written down in the documents, and when a written one still holds. */

const WIDTH = 120

/** JSON as short as it can be read: four digits, long vectors and lists of numbers cut, a line where it fits. */
export function render(answer: unknown): string {
  return layOut(shorten(answer), 0)
}

function shorten(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(4))
  if (Array.isArray(value)) {
    const isVector = value.length > 20 && value.every((item) => typeof item === 'number')
    return isVector ? [...value.slice(0, 3).map(shorten), `… ${value.length} numbers`] : value.map(shorten)
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]))
  }
  return value
}

function layOut(value: unknown, column: number): string {
  const line = inline(value)
  if (column + line.length <= WIDTH || typeof value !== 'object' || value === null) return line
  const pad = `,\n${' '.repeat(column + 1)}`
  if (Array.isArray(value)) return `[${value.map((item) => layOut(item, column + 1)).join(pad)}]`
  const entries = Object.entries(value).map(([key, item]) => {
    const name = `${JSON.stringify(key)}: `
    return name + layOut(item, column + 1 + name.length)
  })
  return `{${entries.join(pad)}}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
    .join(', ')}}`
}

const NUMBER = /-?\d+\.\d+(?:e-?\d+)?/g
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const TOLERANCE = 0.02

/** A written answer in the form that `render` gives, whatever a formatter has made of it; an empty one is new. */
export function canonical({ language, text }: { readonly language: string; readonly text: string }): string {
  return language === 'json' && text.trim() !== '' ? render(JSON.parse(text)) : text
}

/**
 * The text found, with what may differ replaced by what is written: fractions, whose last digits are the processor's,
 * and ids of requests. Words, labels, offsets and counts may not differ.
 */
export function settle(found: string, written: string): string {
  const numbers = written.match(NUMBER) ?? []
  const ids = written.match(UUID) ?? []
  let number = 0
  let id = 0
  return found
    .replace(UUID, (given) => ids[id++] ?? given)
    .replace(NUMBER, (given) => {
      const expected = numbers[number++]
      const difference = Math.abs(Number(given) - Number(expected))
      return expected !== undefined && difference <= TOLERANCE * Math.max(1, Math.abs(Number(expected)))
        ? expected
        : given
    })
}
