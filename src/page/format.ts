/** Numbers and lists as people read them. */

export function percent(share: number): string {
  const value = share * 100
  return `${value >= 99.95 || value < 0.05 ? Math.round(value) : value.toFixed(value < 10 ? 1 : 0)} %`
}

/** Two digits, without a minus before nothing. */
export function cosine(value: number): string {
  return value.toFixed(2).replace(/^-(0\.00)$/, '$1')
}

export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)} ms`
}

export function size(bytes: number): string {
  return bytes >= 1e6 || bytes === 0 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** Lines that are not empty, without the space around them. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`
}
