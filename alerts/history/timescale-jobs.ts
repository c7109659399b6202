import type { Database, Queryable } from '../../core/ports/database.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

/** A scheduled job of TimescaleDB that works on our tables. */
export interface TimescaleJob {
  readonly id: number
  /** `policy_compression`, `policy_retention` or `policy_refresh_continuous_aggregate`. */
  readonly proc: string
  readonly table: string
  readonly everyMs: DurationMs
  /** Its last run failed. */
  readonly failed: boolean
  readonly failures: number
  readonly lastError: string | null
  readonly lastSuccess: EpochMs | null
}

/** A job may be so many of its intervals late before it counts as one that does not run. */
const LATE_INTERVALS = 3
/** After a start the scheduler gets its time. */
const GRACE_MS = 30 * 60_000

interface JobRow {
  readonly job_id: number
  readonly proc_name: string
  readonly target: string
  readonly every_ms: number
  readonly last_run_status: string | null
  readonly failures: string | null
  readonly last_error: string | null
  readonly last_success: Date | null
}

export async function readTimescaleJobs(tx: Queryable): Promise<readonly TimescaleJob[]> {
  const { rows } = await tx.query<JobRow>(
    `select j.job_id, j.proc_name, coalesce(c.view_name, j.hypertable_name)::text as target,
            (extract(epoch from j.schedule_interval) * 1000)::float8 as every_ms, s.last_run_status, s.total_failures as failures,
            (select e.err_message from timescaledb_information.job_errors e
              where e.job_id = j.job_id order by e.start_time desc limit 1) as last_error,
            case when s.last_successful_finish > '-infinity' then s.last_successful_finish end as last_success
       from timescaledb_information.jobs j
       left join timescaledb_information.job_stats s on s.job_id = j.job_id
       left join timescaledb_information.continuous_aggregates c
         on c.materialization_hypertable_schema = j.hypertable_schema and c.materialization_hypertable_name = j.hypertable_name
      where j.proc_name like 'policy_%' and j.hypertable_name is not null order by j.job_id`,
  )
  return rows.map((row) => ({
    id: row.job_id,
    proc: row.proc_name,
    table: row.target,
    everyMs: row.every_ms,
    failed: row.last_run_status === 'Failed',
    failures: Number(row.failures ?? 0),
    lastError: row.last_error,
    lastSuccess: row.last_success?.getTime() ?? null,
  }))
}

/** Whether nobody but us will do the job's work. `since`: from when on the scheduler had the chance to run it. */
export const isStuck = (job: TimescaleJob, since: EpochMs, now: EpochMs): boolean =>
  job.failed || now - Math.max(job.lastSuccess ?? 0, since) > Math.max(LATE_INTERVALS * job.everyMs, GRACE_MS)

/**
 * Does the work of jobs that do not run by themselves (on PostgreSQL 15.20 with TimescaleDB 2.28.3 all of them fail, but
 * run when they are called). `lastRuns` remembers by job id when that was. Returns the jobs that were run; throws the
 * first failure after it has tried them all.
 */
export async function runStuckJobs(
  database: Database,
  jobs: readonly TimescaleJob[],
  lastRuns: Map<number, EpochMs>,
  now: EpochMs,
): Promise<readonly TimescaleJob[]> {
  const due = jobs.filter((job) => now - (lastRuns.get(job.id) ?? 0) >= job.everyMs)
  const failures: unknown[] = []
  for (const job of due) {
    lastRuns.set(job.id, now)
    // In no transaction of ours: a refresh commits in between. The number is the database's own.
    await database.query(`call run_job(${Number(job.id)})`).catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
  return due
}
