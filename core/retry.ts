import type { DurationMs } from './units.ts'

/**
 * Waits before each delivery attempt, counted from the end of the one before (Standard Webhooks' example schedule:
 * 75 h 35 min in all). After the last one fails the message is dead and shown on screen.
 */
export const RETRY_TABLE: readonly DurationMs[] = [
  0,
  5_000,
  5 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  5 * 3_600_000,
  10 * 3_600_000,
  14 * 3_600_000,
  20 * 3_600_000,
  24 * 3_600_000,
]

/** Up to this share is added, so that departments that came back together are not called together. Never earlier. */
const JITTER = 0.2
/** A receiver cannot put a message off for longer than the table's longest wait. */
const LONGEST_WAIT = 24 * 3_600_000

/**
 * Wait after the `failed`th attempt of the table failed (1 = first), or null when it was the last. A receiver's
 * Retry-After can only make it longer. `random` in [0, 1).
 */
export function nextAttemptIn(
  failed: number,
  options: { readonly random: number; readonly retryAfterMs?: number | undefined },
): DurationMs | null {
  const wait = RETRY_TABLE[failed]
  if (wait === undefined) return null
  const jittered = Math.round(wait * (1 + JITTER * options.random))
  const asked = Math.min(Math.max(0, options.retryAfterMs ?? 0), LONGEST_WAIT)
  return Math.max(jittered, asked)
}
