import type { DurationMs, EpochMs } from './units.ts'

/** An alarm flood begins with more than 10 alarms in 10 minutes and is over with fewer than 5 (EEMUA 191, ISA-18.2). */
export const FLOOD_WINDOW_MS: DurationMs = 10 * 60_000
const BEGINS_ABOVE = 10
const ENDS_BELOW = 5

/** Alarms that came at one time, or in one short span that ends there. */
export interface AlarmCount {
  readonly at: EpochMs
  readonly n: number
}

export interface FloodView {
  /** Alarms of the last 10 minutes. */
  readonly rate10m: number
  /** When the flood began that is going on; null: there is none. */
  readonly since: EpochMs | null
}

/**
 * Whether there is a flood at `now`. `alarms` in order of time; they have to reach back to a moment when there was
 * none, or the flood seems to have begun with the oldest. An alarm counts for ten minutes, its own moment included.
 */
export function floodAt(alarms: readonly AlarmCount[], now: EpochMs): FloodView {
  let inWindow = 0
  let since: EpochMs | null = null
  let oldest = 0
  const leave = (until: EpochMs) => {
    for (; oldest < alarms.length; oldest++) {
      const alarm = alarms[oldest]
      if (!alarm || alarm.at + FLOOD_WINDOW_MS > until || alarm.at > until) return
      inWindow -= alarm.n
      if (inWindow < ENDS_BELOW) since = null
    }
  }
  for (const { at, n } of alarms) {
    if (at > now) break
    leave(at)
    inWindow += n
    if (inWindow > BEGINS_ABOVE) since ??= at
  }
  leave(now)
  return { rate10m: inWindow, since }
}
