import type { SensorConfig } from '../config/sensor.ts'
import type { DurationMs, EpochMs } from '../units.ts'
import { saysFault } from './flags.ts'
import type { StoredReading } from './marks.ts'
import { hasWrongClock } from './series.ts'

/** A device that goes and comes at once (a new connection takes over) has no fault. */
export const OFFLINE_AFTER_MS: DurationMs = 30_000
export const UNUSABLE_AFTER_MS: DurationMs = 10 * 60_000

/** Life signs of a sensor. Times are ours: of the worker that took the message. */
export interface SensorLife {
  /** Since when it is configured and watched. */
  readonly watchedSince: EpochMs
  readonly heardAt: EpochMs | null
  readonly status: { readonly word: 'online' | 'offline'; readonly at: EpochMs } | null
  /** Since when all it sends says that it cannot measure; null: the latest reading does not. */
  readonly unusableSince: EpochMs | null
}

export interface SensorFault {
  /** `silence`: nothing for three times as long as expected · `offline`: it said so · `unusable`: all it sends is no measurement. */
  readonly cause: 'silence' | 'offline' | 'unusable'
  readonly since: EpochMs
  /** How long the condition has to last. */
  readonly afterMs: DurationMs
}

/**
 * What is wrong with a sensor; null: nothing.
 *
 * @param listening since when we have listened without a break: an outage of ours is nobody's silence
 */
export function faultOf(
  { every }: Pick<SensorConfig, 'every'>,
  life: SensorLife,
  now: EpochMs,
  listening: EpochMs,
): SensorFault | null {
  const { status, heardAt, unusableSince } = life
  const conditions: (SensorFault | null)[] = [
    status?.word === 'offline' && status.at >= (heardAt ?? Number.NEGATIVE_INFINITY)
      ? { cause: 'offline', since: status.at, afterMs: OFFLINE_AFTER_MS }
      : null,
    every === undefined
      ? null
      : { cause: 'silence', since: Math.max(heardAt ?? life.watchedSince, listening), afterMs: 3 * every },
    unusableSince === null
      ? null
      : { cause: 'unusable', since: unusableSince, afterMs: Math.max(3 * (every ?? 0), UNUSABLE_AFTER_MS) },
  ]
  return conditions.find((one) => one !== null && now - one.since > one.afterMs) ?? null
}

/** Whether a device says with a reading that it cannot measure, or shows that its clock is wrong. */
export const isUnusable = (reading: Pick<StoredReading, 'at' | 'receivedAt' | 'flag'>): boolean =>
  saysFault(reading.flag) || hasWrongClock(reading)
