/** How contracts write vectors that are not lists of numbers. */

/** Little-endian float32 (as every platform that runs Workers keeps it), with padding. */
export function toBase64(vector: readonly number[]): string {
  return btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(vector).buffer)))
}
