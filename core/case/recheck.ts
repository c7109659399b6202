import type { DurationMs, EpochMs } from '../units.ts'

/** So long a watched source must have been silent before its silence says something. */
export const RECHECK_SILENCE_MS: DurationMs = 30 * 60_000

/**
 * What the source of a case's alert saw since the department's report. `seen`: the same hazard again, or still.
 * `not_seen`: nothing for `RECHECK_SILENCE_MS` of watched time. `watching`: not that long yet. `not_watched`: nobody
 * looked, so that silence says nothing.
 */
export const RECHECK_RESULTS = ['not_seen', 'seen', 'watching', 'not_watched'] as const
export type RecheckResult = (typeof RECHECK_RESULTS)[number]

export interface RecheckFacts {
  readonly source: { readonly kind: 'camera' | 'sensor'; readonly id: string }
  /** Since when it counts: the report, or the last sighting when that is later. */
  readonly from: EpochMs
  readonly now: EpochMs
  /** Time since `from` in which the source was watched for this type. */
  readonly watchedMs: DurationMs
  /** Last picture or reading with the hazard, before or after the report. */
  readonly lastSeenAt: EpochMs | null
  readonly reportedAt: EpochMs
  /** Alerts of the same rule and zone that began after the report. */
  readonly again: number
  /** An alert of the same rule and zone is open now. */
  readonly firing: boolean
}

export interface Recheck extends RecheckFacts {
  readonly result: RecheckResult
}

/** Adds what a person saw to nothing: a re-check is one more fact, and never closes a case. */
export function judgeRecheck(facts: RecheckFacts): Recheck {
  return { ...facts, result: resultOf(facts) }
}

function resultOf({ lastSeenAt, reportedAt, again, firing, watchedMs }: RecheckFacts): RecheckResult {
  // Seen after the report and gone since: enough silence after the last sighting counts again.
  if (!firing && watchedMs >= RECHECK_SILENCE_MS) return 'not_seen'
  if (again > 0 || (lastSeenAt !== null && lastSeenAt > reportedAt)) return 'seen'
  // Open, and not seen since the report: the machine has not made up its mind.
  if (watchedMs > 0) return 'watching'
  return 'not_watched'
}
