import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import type { SharpEyesError } from '../../core/errors.ts'
import type { DurationMs } from '../../core/units.ts'

const RECONNECT: BackoffPolicy = { firstMs: 1_000, maxMs: 60_000, factor: 2, jitter: 0.3 }

/** Cameras lock an account after about five wrong passwords in half an hour: 1, 2, 4 … 15 minutes stay below that. */
const REFUSED: BackoffPolicy = { firstMs: 60_000, maxMs: 15 * 60_000, factor: 2, jitter: 0.3 }

/** An RTSP session that was not torn down lives 60 s unless the server says otherwise (RFC 2326, 12.37). */
const SESSION_MS: DurationMs = 60_000

/** Frames for this long make earlier failures history. */
const GOOD_MS: DurationMs = 60_000

export interface Retry {
  /** How long to wait after this failure. `goodMs`: how long frames had come before it. */
  after(error: SharpEyesError, goodMs: DurationMs): DurationMs
}

/** How long a camera waits before it is tried again: failures in a row, and what kind they are. */
export function createRetry(random: () => number): Retry {
  let failures = 0
  let refusals = 0
  return {
    after(error, goodMs) {
      if (goodMs >= GOOD_MS) failures = 0
      failures++
      refusals = error.code === 'camera_auth' ? refusals + 1 : 0
      if (refusals > 0) return backoffMs(REFUSED, refusals, random)
      const wait = backoffMs(RECONNECT, failures, random)
      return error.details.busy === true ? Math.max(wait, SESSION_MS) : wait
    },
  }
}
