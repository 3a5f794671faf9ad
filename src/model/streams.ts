/**
 * Reads a byte stream in large pieces. Measured in workerd on 22.8 MB of static assets: 100 ms in the 4 KiB chunks
 * that plain iteration gives, 20 ms in pieces of at least half a megabyte, sha256 included.
 */

const BUFFER_BYTES = 1 << 20

/**
 * Yields the stream's bytes in order. A yielded view is only valid until the next one is asked for.
 * @param expected bytes, as far as known: a dozen small graphs that load together need no megabyte each
 */
export async function* readPieces(body: ReadableStream<Uint8Array>, expected: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader({ mode: 'byob' })
  // `readAtLeast` is workerd's own; Node reads what there is.
  const read = (view: Uint8Array) => reader.readAtLeast?.(Math.ceil(view.length / 2), view) ?? reader.read(view)
  let buffer = new Uint8Array(Math.max(1, Math.min(BUFFER_BYTES, expected)))
  try {
    for (;;) {
      const { done, value } = await read(buffer)
      if (value && value.length > 0) yield value
      if (done || !value) return
      buffer = new Uint8Array(value.buffer as ArrayBuffer)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
