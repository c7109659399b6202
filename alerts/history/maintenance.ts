import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { sqlState } from '../inbox/failure.ts'
import { ensurePartitions } from '../partitions/partitions.ts'
import { buildContinuousAggregates, hasContinuousAggregates, refreshAll } from './continuous.ts'
import { countHistory } from './health.ts'
import { readMode } from './mode.ts'
import { applyPolicies, type KeepDays } from './policies.ts'
import { deleteOldInbox, deleteOldRows } from './retention.ts'
import { ROLLUPS } from './rollup-names.ts'
import { advanceRollup, readRollup, rebuildRollup, underHistoryLock } from './rollups.ts'
import { isStuck, readTimescaleJobs, runStuckJobs } from './timescale-jobs.ts'
import { vacuumFinishedDays } from './vacuum.ts'

const ROUND_MS: DurationMs = 60_000
const HOUR_MS: DurationMs = 3_600_000
/** Below it a compression or a refresh would have nothing left to work on. */
const LEAST_KEEP_DAYS = 7
/** So many steps of a rollup in one round: the other work must not wait for a whole outage. */
const MAX_STEPS = 50

export interface MaintenanceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly keep: KeepDays
}

/** The work of one process on the history: partitions, rollups, retention, and what TimescaleDB fails to do by itself. */
export interface Maintenance {
  /** One round. A part that fails does not stop the others, unless the database is away; throws the first failure. */
  round(): Promise<void>
}

/** Throws `config_invalid` for a time to keep that is too short. */
export function createMaintenance(deps: MaintenanceDeps): Maintenance {
  const { database, clock, log, metrics, keep } = deps
  for (const [table, days] of Object.entries(keep)) {
    if (days !== null && days < LEAST_KEEP_DAYS)
      throw new SharpEyesError(
        'config_invalid',
        `${table} are to be kept ${days} days: at least ${LEAST_KEEP_DAYS}, or all`,
      )
  }
  const startedAt = clock.now()
  const lastRuns = new Map<number, EpochMs>()
  let hourlyAt = Number.NEGATIVE_INFINITY

  async function buildRollups(): Promise<void> {
    const { mode } = await readMode(database)
    const timezone = await cityTimezone(database)
    const continuous = await hasContinuousAggregates(database)
    const days = await readRollup(database, 'event_days')
    const hours = await readRollup(database, 'reading_hours')
    const complete = days.raw_from === null && hours.raw_from === null
    // Counted days whose raw rows are gone cannot be counted anew: they stay in the tables.
    if (
      (mode === 'hypertable_full' && !continuous && complete) ||
      (continuous && days.timezone !== timezone)
    ) {
      if (!(await buildContinuousAggregates(database, timezone))) return
      log.info({ timezone }, 'continuous aggregates are made')
      await refreshAll(database)
    } else if (!continuous && days.raw_from === null && days.timezone !== timezone) {
      if (await rebuildRollup(database, 'event_days', timezone))
        log.info({ from: days.timezone, to: timezone }, 'days are counted in another time zone')
    }
  }

  async function advance(): Promise<void> {
    if (await hasContinuousAggregates(database)) return
    for (const rollup of ROLLUPS) {
      for (let step = 0; step < MAX_STEPS; step += 1) {
        const done = await advanceRollup(database, rollup)
        if (done === null) return
        if (done.recounted > 0) metrics.count('history_recounted_total', { rollup }, done.recounted)
        if (done.ignored > 0) {
          metrics.count('history_late_ignored_total', { rollup }, done.ignored)
          log.warn(
            { rollup, rows: done.ignored },
            'rows came later than raw rows are kept: not in the rollup',
          )
        }
        if (!done.more) break
      }
    }
  }

  async function policies(): Promise<void> {
    if ((await readMode(database)).mode !== 'hypertable_full') return
    if (!(await hasContinuousAggregates(database))) return
    await underHistoryLock(database, async (tx) => {
      await applyPolicies(tx, keep)
      return true
    })
  }

  async function doStuckJobs(): Promise<void> {
    const { mode, since } = await readMode(database)
    if (mode !== 'hypertable_full') return
    const now = clock.now()
    const from = Math.max(startedAt, since.getTime())
    const stuck = (await readTimescaleJobs(database)).filter((job) => isStuck(job, from, now))
    const run = await runStuckJobs(database, stuck, lastRuns, now)
    for (const job of run) metrics.count('history_stuck_jobs_run_total', { job: job.proc })
    if (run.length > 0)
      log.warn(
        { jobs: run.map((job) => job.proc) },
        'jobs of TimescaleDB do not run by themselves: run from here',
      )
  }

  async function hourly(): Promise<void> {
    const now = clock.now()
    const { mode } = await readMode(database)
    const dropped = await deleteOldRows(database, mode, keep, now)
    if (dropped.length > 0) log.info({ dropped }, 'old days of raw rows are deleted; their rollups stay')
    metrics.count('inbox_deleted_total', {}, await deleteOldInbox(database, now))
    await vacuumFinishedDays(database, now)
  }

  async function measure(): Promise<void> {
    const counts = await countHistory(database)
    for (const { rollup, lagMs, late } of counts.rollups) {
      metrics.gauge('history_rollup_lag_seconds', { rollup }, lagMs / 1000)
      metrics.gauge('history_late_rows', { rollup }, late)
    }
    for (const { table, strays } of counts.tables) metrics.gauge('history_stray_rows', { table }, strays)
    metrics.gauge('history_failing_jobs', {}, counts.failing.length)
  }

  return {
    async round() {
      const isHourly = clock.now() - hourlyAt >= HOUR_MS
      const parts: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['partitions', () => ensurePartitions(database, clock.now())],
        ['rollups', buildRollups],
        ['counting', advance],
        ['policies', policies],
        ['jobs', doStuckJobs],
        ...(isHourly ? [['retention', hourly] as const] : []),
        ['figures', measure],
      ]
      const failures: Error[] = []
      for (const [part, work] of parts) {
        try {
          await work()
        } catch (error) {
          const failure = toSharpEyesError(error)
          failures.push(failure)
          metrics.count('history_maintenance_failures_total', { part })
          log.warn({ part, error: failure.message }, 'maintenance of the history failed and is tried again')
          // Not the database's own word: it is away, and would be for the other parts too.
          if (sqlState(error) === null) break
        }
      }
      if (isHourly) hourlyAt = clock.now()
      if (failures[0]) throw failures[0]
    },
  }
}

/** A round a minute until aborted. Any number may run on one database: one at a time changes something. */
export async function runMaintenance(
  deps: MaintenanceDeps & { readonly signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = deps
  const maintenance = createMaintenance(deps)
  while (!signal.aborted) {
    await maintenance.round().catch(() => undefined) // logged and counted, part by part
    await clock.sleep(ROUND_MS, signal).catch(() => undefined) // aborted: the loop ends
  }
}

/** As the city is configured now; before it is, days are those of UTC. */
async function cityTimezone(database: Database): Promise<string> {
  const { rows } = await database.query<{ timezone: string | null }>(
    "select body ->> 'timezone' as timezone from config_objects where kind = 'city' and removed_at is null limit 1",
  )
  return rows[0]?.timezone ?? 'UTC'
}
