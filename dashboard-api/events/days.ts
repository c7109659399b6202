import type { EventDay } from '../../core/api/history.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { createConditions } from '../http/paging.ts'
import type { EventQuery } from './routes.ts'
import type { Span } from './span.ts'

/**
 * How many messages a day of the city and type, oldest day first, from the rollup: days that the span touches are
 * counted whole. What came in the last minutes is in it.
 */
export async function countEventDays(
  database: Database,
  query: EventQuery,
  { from, to }: Span,
): Promise<{ days: EventDay[]; timezone: string }> {
  if (query.kind)
    throw new SharpEyesError('invalid', 'kind: the days count every kind; leave it out with bucket=day')
  if (query.cursor !== undefined)
    throw new SharpEyesError('invalid', 'cursor: bucket=day answers in one page')
  const zones = await database.query<{ timezone: string }>(
    "select timezone from history_rollups where name = 'event_days'",
  )
  const timezone = zones.rows[0]?.timezone ?? 'UTC'
  const where = createConditions()
  where.addAll(`day >= date_trunc('day', $?1::timestamptz, $?2)`, [new Date(from), timezone])
  where.add('day < $?', new Date(to))
  if (query.source) where.add('source_id = any($?)', query.source)
  if (query.sourceKind) where.add('source_kind = $?', query.sourceKind)
  if (query.type) where.add('type = any($?)', query.type)
  if (query.zone !== undefined) where.add('zone = $?', query.zone)
  if (query.severity) where.add('severity = any($?)', query.severity.map(Number))
  // The whole city is added up already.
  const rollup = query.source || query.zone !== undefined ? 'event_days' : 'event_city_days'
  const { rows } = await database.query<{
    day: string
    type: string
    starts: string
    updates: string
    ends: string
  }>(
    `select to_char(day at time zone $2, 'YYYY-MM-DD') as day, type,
            sum(starts)::bigint as starts, sum(updates)::bigint as updates, sum(ends)::bigint as ends
       from ${rollup} as counts where ${where.sql()} group by counts.day, type order by counts.day, type`,
    where.params,
  )
  return {
    timezone,
    days: rows.map(({ day, type, starts, updates, ends }) => ({
      day,
      type,
      starts: Number(starts),
      updates: Number(updates),
      ends: Number(ends),
    })),
  }
}
