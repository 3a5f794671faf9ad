/** Medians and ratios, printed as one table. */

export interface Row {
  readonly what: string
  readonly ours: number
  readonly unit: string
  /** The peer's figure in the same unit, from the same run. */
  readonly peer?: { readonly name: string; readonly value: number }
  readonly note?: string
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export function printTable(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n`)
  console.log('| what | edge-bert | peer | ratio | note |\n|---|---:|---:|---:|---|')
  for (const { what, ours, unit, peer, note } of rows) {
    const other = peer ? `${format(peer.value)} ${unit} (${peer.name})` : ''
    const ratio = peer ? (ours / peer.value).toFixed(3) : ''
    console.log(`| ${what} | ${format(ours)} ${unit} | ${other} | ${ratio} | ${note ?? ''} |`)
  }
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)
}
