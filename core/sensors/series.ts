import type { SensorConfig } from '../config/sensor.ts'
import type { READING_PERIODS, Reading } from '../reading.ts'
import type { DurationMs, EpochMs } from '../units.ts'
import { basisOf } from './flags.ts'
import type { Judgeable, LimitRule } from './limit.ts'
import { flagOf, type ReadingMark, type StoredReading } from './marks.ts'

export type Period = (typeof READING_PERIODS)[number]

const PERIOD_MS: Readonly<Record<Period, DurationMs>> = {
  instant: 0,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}
const FINENESS: readonly Period[] = ['instant', 'minute', 'hour', 'day']

/** Where nobody said how often readings come: a site that sends every hour must still be able to exceed for hours. */
const DEFAULT_GAP_MS: DurationMs = 3 * PERIOD_MS.hour
/** A day without a reading: an open exceedance is no longer carried over it. */
export const MIN_HOLD_MS: DurationMs = PERIOD_MS.day
/** A reading from further ahead of our clock was made by a clock that is wrong. */
const MAX_AHEAD_MS: DurationMs = 10 * 60_000
/** A clock that was never set, or lost its battery, begins in 1970 (some in 1980). */
const FIRST_MOMENT: EpochMs = Date.UTC(2000, 0, 1)

/** What a limit is about: the value itself, or the mean of a period. Extremes and sums are kept and not judged. */
export const isJudged = ({ period, statistic }: Pick<Reading, 'period' | 'statistic'>): boolean =>
  statistic === (period === 'instant' ? 'value' : 'avg')

export const statisticOf = (period: Period): Reading['statistic'] => (period === 'instant' ? 'value' : 'avg')

/** Null: the sensor has no limit. */
export function limitRule(sensor: SensorConfig, period: Period): LimitRule | null {
  const { limit } = sensor
  if (!limit) return null
  const { above, below } = limit
  const [side, value] = above !== undefined ? (['above', above] as const) : (['below', below ?? 0] as const)
  const gapMs = gapOf(sensor, period)
  return {
    side,
    limit: value,
    clear: limit.clear ?? value,
    forMs: limit.for,
    gapMs,
    holdMs: Math.max(gapMs, MIN_HOLD_MS),
  }
}

/** Three missed readings. A series of means cannot come more often than its period. */
export const gapOf = ({ every }: Pick<SensorConfig, 'every'>, period: Period): DurationMs =>
  Math.max(every === undefined ? DEFAULT_GAP_MS : 3 * every, 3 * PERIOD_MS[period])

/** A reading as the limit sees it; null: it is no basis. */
export function toJudgeable(
  sensor: Pick<SensorConfig, 'scale'>,
  reading: StoredReading,
  marks: readonly ReadingMark[],
): Judgeable | null {
  const { at, receivedAt } = reading
  const basis = basisOf(flagOf(reading, marks))
  if (basis === 'none' || reading.value === null || hasWrongClock(reading)) return null
  const value = inUnit(sensor, reading.value)
  return Number.isFinite(value) ? { at, receivedAt, value, basis } : null
}

/**
 * A value as a person works it out: 9 times 0.001 is 0.009, which is not over a limit of 0.009. Sensors have far fewer than
 * the twelve digits that are kept.
 */
export const inUnit = ({ scale }: Pick<SensorConfig, 'scale'>, sent: number): number =>
  Number((sent * scale).toPrecision(12))

/** A reading whose time cannot be: of what comes late it is not known whether a clock or a line was slow. */
export const hasWrongClock = ({ at, receivedAt }: Pick<StoredReading, 'at' | 'receivedAt'>): boolean =>
  at - receivedAt > MAX_AHEAD_MS || at < FIRST_MOMENT

/** Which series of a device its limit is about, and which finer one was seen once. */
export interface SeriesChoice {
  readonly period: Period | null
  readonly rival: { readonly period: Period; readonly at: EpochMs } | null
}

/**
 * The finest series that really comes: a limit is about the values themselves, and about means where the device sends
 * only means. A finer series takes over with its second reading (one answer to one question is no series); a coarser one
 * when the finer has been silent for so long that its limit would be judged by nothing.
 *
 * @param lastAt latest judged reading of the present series
 */
export function chooseSeries(
  sensor: Pick<SensorConfig, 'every'>,
  choice: SeriesChoice,
  lastAt: EpochMs | null,
  reading: Pick<StoredReading, 'at' | 'period' | 'statistic'>,
): SeriesChoice {
  if (!isJudged(reading)) return choice
  const { at, period } = reading
  const { period: present, rival } = choice
  if (present === null) return { period, rival: null }
  if (period === present) return choice
  if (FINENESS.indexOf(period) < FINENESS.indexOf(present)) {
    const again =
      rival?.period === period && at !== rival.at && Math.abs(at - rival.at) <= gapOf(sensor, period)
    return again ? { period, rival: null } : { ...choice, rival: { period, at } }
  }
  const silent = lastAt !== null && at - lastAt > gapOf(sensor, present) + PERIOD_MS[period]
  return silent ? { period, rival: null } : choice
}
