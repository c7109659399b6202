import type { DurationMs, EpochMs } from '../../core/units.ts'

/** Which way messages take, and since when. */
export type Way =
  | {
      readonly way: 'kafka'
      readonly since: EpochMs
      /** Begin of the first call that failed since the last success; null: the last one succeeded. */
      readonly failingSince: EpochMs | null
      /** Just come back, and nothing was sent yet: the first failure is enough to leave again. */
      readonly trial: boolean
      readonly error: string | null
    }
  | { readonly way: 'direct'; readonly since: EpochMs; readonly error: string }

export const startWay = (now: EpochMs): Way => ({
  way: 'kafka',
  since: now,
  failingSince: null,
  trial: false,
  error: null,
})

/** Kafka has taken messages. An attempt that began before the switch to `direct` and succeeds late changes nothing. */
export const afterSuccess = (way: Way): Way =>
  way.way === 'kafka' ? { ...way, failingSince: null, trial: false, error: null } : way

/** A call whose attempts have all failed since `startedAt` has failed again by `now`. */
export function afterFailure(
  way: Way,
  failure: { readonly startedAt: EpochMs; readonly now: EpochMs; readonly error: string },
  awayMs: DurationMs,
): Way {
  if (way.way === 'direct') return way
  const { startedAt, now, error } = failure
  const failingSince = Math.min(way.failingSince ?? startedAt, startedAt)
  if (way.trial || now - failingSince >= awayMs) return { way: 'direct', since: now, error }
  return { ...way, failingSince, error }
}

/** Kafka has answered a probe. */
export const afterProbe = (way: Way, now: EpochMs): Way =>
  way.way === 'direct' ? { way: 'kafka', since: now, failingSince: null, trial: true, error: null } : way
