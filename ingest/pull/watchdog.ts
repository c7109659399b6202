import type { Clock } from '../../core/ports/clock.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** When the last frame came; before the first one, when the connection was begun. */
  readonly lastAt: () => EpochMs
  /** The longest silence allowed now. */
  readonly limitMs: () => DurationMs
  readonly signal: AbortSignal
}

/** The limit shrinks when the first frame is there, so that no sleep may be as long as the first limit. */
const LOOK_MS: DurationMs = 500

/** Resolves when no frame came for too long; rejects when aborted. */
export async function silence({ clock, lastAt, limitMs, signal }: WatchdogOptions): Promise<void> {
  for (;;) {
    const left = lastAt() + limitMs() - clock.now()
    if (left <= 0) return
    await clock.sleep(Math.min(left, LOOK_MS), signal)
  }
}
