import type { AlarmStatistics } from '../../core/api/statistics.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { ALARM_LIMITS } from '../../core/statistics/figures.ts'
import { type AlarmWindow, alarmLoad } from '../../core/statistics/flood.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Period } from './period.ts'

const WINDOW_MS = ALARM_LIMITS.windowMinutes * 60_000
const HOUR_MS = 3_600_000

/**
 * Alarms per operator and ten minutes. An alarm is an alert that was shown: not suppressed, not still pending. Who was at
 * work is not written down, so it is read from what operators did: whoever judged, acknowledged, opened a picture or
 * moved a case in an hour was there in all of its windows.
 */
export async function readAlarmLoad(
  tx: Queryable,
  { span }: Period,
  now: EpochMs,
): Promise<AlarmStatistics['load']> {
  const to = Math.min(span.to, now)
  const params = [new Date(span.from), new Date(Math.max(span.from, to))]
  const alarms = await tx.query<{ at: Date; count: number }>(
    `select date_bin('${ALARM_LIMITS.windowMinutes} minutes', opened_at, $1) as at, count(*)::int as count
       from alerts where opened_at >= $1 and opened_at < $2 and suppressed_by is null and state <> 'pending' group by 1`,
    params,
  )
  const people = await tx.query<{ at: Date; count: number }>(
    `select date_bin('1 hour', at, $1) as at, count(distinct who)::int as count from (
       select verdict_at as at, verdict_by as who from alerts where verdict_at >= $1 and verdict_at < $2
       union all
       select acknowledged_at, acknowledged_by from alerts where acknowledged_at >= $1 and acknowledged_at < $2
       union all
       select at, actor from follow_ups where at >= $1 and at < $2 and actor_kind = 'person' and role = 'operator'
       union all
       select at, who from looks where at >= $1 and at < $2) as acts
      where who in (select id from config_objects where kind = 'user' and body -> 'roles' ? 'operator') group by 1`,
    params,
  )
  const alarmsAt = byTime(alarms.rows)
  const peopleAt = byTime(people.rows)
  const starts = Array.from(
    { length: Math.ceil((to - span.from) / WINDOW_MS) },
    (_, n) => span.from + n * WINDOW_MS,
  )
  const windows = starts.map((at): AlarmWindow => {
    const hour = span.from + Math.floor((at - span.from) / HOUR_MS) * HOUR_MS
    return { alarms: alarmsAt.get(at) ?? 0, operators: peopleAt.get(hour) ?? 0 }
  })
  const { busiest, ...load } = alarmLoad(windows)
  const top = busiest === null ? null : windows[busiest]
  return {
    alarms: windows.reduce((sum, window) => sum + window.alarms, 0),
    unattended: windows.filter(({ operators }) => operators === 0).length,
    ...load,
    busiest: top && busiest !== null ? { at: new Date(starts[busiest] ?? 0).toISOString(), ...top } : null,
  }
}

const byTime = (rows: readonly { at: Date; count: number }[]): ReadonlyMap<EpochMs, number> =>
  new Map(rows.map(({ at, count }) => [at.getTime(), count]))
