import type { Clock } from '../../core/ports.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** When the last frame came; before the first one, when the connection was begun. */
  readonly lastAt: () => EpochMs
  /** The longest silence allowed now. */
  readonly limitMs: () => DurationMs
  readonly signal: AbortSignal
}

/** Resolves when no frame came for too long; rejects when aborted. Sleeps to the earliest moment at which that can be. */
export async function silence({ clock, lastAt, limitMs, signal }: WatchdogOptions): Promise<void> {
  for (;;) {
    const left = lastAt() + limitMs() - clock.now()
    if (left <= 0) return
    await clock.sleep(left, signal)
  }
}
