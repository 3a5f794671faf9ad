/** Cloudflare's limits, as its documentation had them in November 2026. */
export const PLATFORM = {
  assetBytes: 25 * 2 ** 20,
  assetFiles: 100_000,
  workerBytes: 64 * 2 ** 20,
  isolateBytes: 128_000_000,
  /** The oldest Node that wrangler 4.164 runs on. */
  nodeMajor: 22,
} as const

/** In the unit of the limits. */
export function inMebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
