/** How requests of one isolate wait for each other: each looks again with a timer of its own. */

/** Who shows no progress for so long is taken for gone. */
export const STALL_MS = 10_000
const POLL_MS = 4

export function untilNextLook(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
