import type { Queryable } from '../../core/ports/database.ts'
import type { DayTable } from '../partitions/partitions.ts'
import { AGGREGATES } from './continuous.ts'

/** A re-send of HJ 212 comes days later, and inserting into compressed chunks is slow: they stay open so long. */
const COMPRESS_AFTER = '14 days'
/** What most questions name, and the order in which they read. */
const COMPRESSION: Record<DayTable, string> = {
  events: `timescaledb.compress_segmentby = 'source_id', timescaledb.compress_orderby = 'at desc, event_id desc, epoch desc, seq desc'`,
  readings: `timescaledb.compress_segmentby = 'device, factor', timescaledb.compress_orderby = 'at desc, period, statistic'`,
}

/** Days of raw rows to keep; null: all of them. */
export interface KeepDays {
  readonly events: number | null
  readonly readings: number | null
}

interface Job {
  readonly job_id: number
  readonly proc_name: string
  /** Table, or name of the continuous aggregate. */
  readonly target: string
  readonly config: Readonly<Record<string, unknown>>
}

/**
 * Brings the policies of TimescaleDB to what is configured: refresh, compression, retention. A policy that says
 * something else is made anew (`if_not_exists` would leave it as it is).
 */
export async function applyPolicies(tx: Queryable, keep: KeepDays): Promise<void> {
  const { rows } = await tx.query<Job>(
    `select j.job_id, j.proc_name, coalesce(c.view_name, j.hypertable_name)::text as target, j.config
       from timescaledb_information.jobs j
       left join timescaledb_information.continuous_aggregates c
         on c.materialization_hypertable_schema = j.hypertable_schema and c.materialization_hypertable_name = j.hypertable_name
      where j.hypertable_name is not null`,
  )
  const find = (proc: string, target: string) =>
    rows.find((job) => job.proc_name === proc && job.target === target)
  for (const table of ['events', 'readings'] as const) {
    if (!find('policy_compression', table)) {
      await tx.query(`alter table ${table} set (timescaledb.compress, ${COMPRESSION[table]})`)
      await tx.query(`select add_compression_policy('${table}', interval '${COMPRESS_AFTER}')`)
    }
    const days = keep[table]
    const retention = find('policy_retention', table)
    const wanted = days === null ? undefined : `${days} days`
    if (retention?.config.drop_after !== wanted) {
      if (retention) await tx.query(`select remove_retention_policy('${table}')`)
      if (wanted) await tx.query(`select add_retention_policy('${table}', interval '${wanted}')`)
    }
  }
  for (const name of AGGREGATES) {
    const days = keep[name === 'reading_hour_buckets' ? 'readings' : 'events']
    // A refresh beyond what retention has left would delete what was counted.
    const start = days === null ? null : `${Math.max(1, days - 1)} days`
    const refresh = find('policy_refresh_continuous_aggregate', name)
    if (refresh && (refresh.config.start_offset ?? null) === start) continue
    if (refresh) await tx.query(`select remove_continuous_aggregate_policy('${name}')`)
    await tx.query(
      `select add_continuous_aggregate_policy('${name}', start_offset => ${start === null ? 'null' : `interval '${start}'`},
         end_offset => interval '1 hour', schedule_interval => interval '10 minutes')`,
    )
  }
}
