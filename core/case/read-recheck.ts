import type { Queryable } from '../ports/database.ts'
import type { EpochMs } from '../units.ts'
import { judgeRecheck, type Recheck } from './recheck.ts'
import type { CaseFacts } from './state.ts'

interface Row {
  readonly source_kind: 'camera' | 'sensor'
  readonly source_id: string
  readonly from_at: Date
  readonly last_seen_at: Date | null
  readonly again: number
  readonly firing: boolean
  readonly watched_ms: number
}

/**
 * What the source saw since the last report, from the logs: alerts of the same rule and zone, and the time in which
 * the source was watched (a camera: online with the type available; a sensor: between its first and last reading). Null:
 * the case has no alert, or no report yet.
 */
export async function readRecheck(
  tx: Queryable,
  facts: Pick<CaseFacts, 'alertId' | 'reportedAt'>,
  now: EpochMs,
): Promise<Recheck | null> {
  const { alertId, reportedAt } = facts
  if (alertId === null || reportedAt === null) return null
  const { rows } = await tx.query<Row>(
    `with own as (select source_kind, source_id, type, fingerprint from alerts where id = $1),
     same as (
       select max(a.last_seen_at) as last_seen_at, count(*) filter (where a.started_at > $2)::int as again,
              bool_or(a.state <> 'resolved') as firing
         from alerts a join own on a.source_id = own.source_id and a.fingerprint = own.fingerprint),
     span as (select greatest($2::timestamptz, last_seen_at) as from_at, $3::timestamptz as to_at from same)
     select own.source_kind, own.source_id, span.from_at, same.last_seen_at, same.again, coalesce(same.firing, false) as firing,
            coalesce(case own.source_kind
              when 'camera' then (
                select sum(extract(epoch from least(c.to_at, span.to_at) - greatest(c.from_at, span.from_at)) * 1000)
                  from coverage c
                 where c.camera = own.source_id and c.state = 'online' and not own.type = any(c.unavailable)
                   and c.from_at > span.from_at - interval '1 day' and c.from_at < span.to_at and c.to_at > span.from_at)
              else (
                select extract(epoch from max(r.at) - min(r.at)) * 1000
                  from sensor_state s join readings r on r.device = s.device and r.factor = s.factor
                 where s.sensor = own.source_id and r.at > span.from_at and r.at <= span.to_at)
            end, 0)::float8 as watched_ms
       from own, same, span`,
    [alertId, new Date(reportedAt), new Date(now)],
  )
  const [row] = rows
  if (!row) return null
  return judgeRecheck({
    source: { kind: row.source_kind, id: row.source_id },
    from: row.from_at.getTime(),
    now,
    watchedMs: Math.floor(row.watched_ms),
    lastSeenAt: row.last_seen_at?.getTime() ?? null,
    reportedAt,
    again: row.again,
    firing: row.firing,
  })
}
