import type { EpochMs } from '../../core/units.ts'

const HOUR_MS = 3_600_000
/** Recordings come and go: what is measured over less says nothing of a day. */
const LEAST_MS = HOUR_MS
const WINDOW_MS = 24 * HOUR_MS
const STEP_MS = 5 * 60_000
const MOST_DAYS = 999

export interface DiskTrend {
  /** Over which the growth was measured. */
  readonly hours: number
  /** Until nothing is free; null: nothing grows. At most 999. */
  readonly days: number | null
}

/**
 * How long the free space lasts at the growth of the last 24 hours, deletion by retention included. Measured whenever
 * somebody asks, at most 288 times a day; null until an hour was seen.
 */
export function createDiskTrend(): (at: EpochMs, free: number) => DiskTrend | null {
  let seen: readonly { readonly at: EpochMs; readonly free: number }[] = []
  return (at, free) => {
    // A clock that was set back begins anew.
    seen = seen.filter((sample) => sample.at <= at && at - sample.at <= WINDOW_MS)
    const last = seen.at(-1)
    if (!last || at - last.at >= STEP_MS) seen = [...seen, { at, free }]
    const [first] = seen
    const span = at - (first?.at ?? at)
    if (!first || span < LEAST_MS) return null
    const perMs = (first.free - free) / span
    const hours = Math.round(span / HOUR_MS)
    if (perMs <= 0) return { hours, days: null }
    return { hours, days: Math.min(MOST_DAYS, Math.floor(free / perMs / (24 * HOUR_MS))) }
  }
}
