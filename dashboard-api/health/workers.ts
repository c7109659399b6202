import type { WorkerItem } from '../../core/api/health-desk.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { isoOf } from '../http/values.ts'

interface Row {
  readonly name: string
  readonly version: string
  readonly model: string | null
  readonly state: WorkerItem['state']
  readonly cameras: number
  readonly capacity: number
  readonly clock_skew_ms: number | null
  readonly started_at: Date | null
  readonly last_seen: Date
}

/** Silent ones first, then those at work, then those that have gone within 30 days. */
export async function readWorkers(database: Queryable): Promise<WorkerItem[]> {
  const { rows } = await database.query<Row>(
    `select * from (
       select name, version, model, cameras, capacity, clock_skew_ms, started_at, last_seen,
              case when started_at is null then 'gone' when last_seen > now() - interval '20 seconds' then 'present'
                   else 'silent' end as state
         from workers where started_at is not null or last_seen > now() - interval '30 days') as w
      order by state = 'gone', state = 'present', name limit 500`,
  )
  return rows.map((row) => ({
    ...{ name: row.name, version: row.version, model: row.model, state: row.state },
    ...{ cameras: row.cameras, capacity: row.capacity, clockSkewMs: row.clock_skew_ms },
    startedAt: isoOf(row.started_at),
    lastSeenAt: row.last_seen.toISOString(),
  }))
}
