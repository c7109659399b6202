import type { Database, Queryable } from '../../core/ports/database.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { DAY_TABLES, type DayTable, endOfPartition, listPartitions } from '../partitions/partitions.ts'
import { hasContinuousAggregates } from './continuous.ts'
import { type HistoryMode, readMode } from './mode.ts'
import { RAW_TABLE, ROLLUPS, type Rollup } from './rollup-names.ts'
import { isStuck, readTimescaleJobs, type TimescaleJob } from './timescale-jobs.ts'

/** By when they came: a clock that was put right is an alarm no more, and its rows stay. */
const LATELY = "received_at > now() - interval '1 day'"
/** Counting stops here: more is no other news. */
const MAX_STRAYS = 10_000
const LAG_ALARM_MS: DurationMs = 2 * 3_600_000
const DAY_MS: DurationMs = 86_400_000
/** How far the counting stays behind on purpose. */
const NORMAL_LAG_MS: DurationMs = 15 * 60_000

interface TableFacts {
  readonly table: DayTable
  /** Rows of the last day outside the days that get a partition: somebody's clock is wrong. At most 10,000 are counted. */
  readonly strays: number
  /** Day partitions or chunks, and the days they reach from and to (epoch ms; null: there is none). */
  readonly days: number
  readonly oldest: EpochMs | null
  readonly newest: EpochMs | null
}

interface RollupFacts {
  readonly rollup: Rollup
  /** How far the counted part is behind the clock; readers do not see it (the rest comes from the raw table). */
  readonly lagMs: DurationMs
  /** Late rows that wait to be counted: these are not in the answers yet. */
  readonly late: number
  readonly timezone: string
}

export interface HistoryCounts {
  readonly tables: readonly TableFacts[]
  readonly rollups: readonly RollupFacts[]
  /** Jobs of TimescaleDB that fail or do not run. */
  readonly failing: readonly TimescaleJob[]
}

export interface HistoryHealth extends HistoryCounts {
  readonly mode: HistoryMode
  readonly version: string | null
  /** What is wrong, in plain words with the way out; empty: nothing is. */
  readonly problems: readonly string[]
  /** One line for the health page. */
  readonly detail: string
}

/** What is kept, how it is kept, and what is wrong with it. Throws when the database is away. */
export async function readHistoryHealth(database: Database): Promise<HistoryHealth> {
  const { mode, version, note } = await readMode(database)
  const counts = await countHistory(database)
  const problems = [
    ...problemsOf(counts),
    ...(await licenceProblems(database, mode)),
    ...(await zoneProblems(database)),
  ]
  const span = counts.tables
    .map(
      ({ table, days, oldest }) => `${table}: ${days} days${oldest === null ? '' : ` from ${dayOf(oldest)}`}`,
    )
    .join(', ')
  return {
    mode,
    version,
    ...counts,
    problems,
    detail: [
      `${mode}${version === null ? '' : ` (TimescaleDB ${version})`}`,
      span,
      ...(note === null ? [] : [note]),
      ...problems,
    ].join('. '),
  }
}

const dayOf = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10)

function problemsOf({ tables, rollups, failing }: HistoryCounts): string[] {
  return [
    ...tables
      .filter(({ strays }) => strays > 0)
      .map(
        ({ table, strays }) =>
          `${strays === MAX_STRAYS ? 'at least ' : ''}${strays} rows of ${table} are far from today and came in the last 24 hours: the clock of a camera or device is wrong`,
      ),
    ...rollups
      .filter(({ lagMs }) => lagMs > LAG_ALARM_MS)
      .map(
        ({ rollup, lagMs }) =>
          `${rollup} is ${Math.round(lagMs / 60_000)} minutes behind: is the role "alerts" running?`,
      ),
    ...failing.map(
      ({ id, proc, table, lastError, failed }) =>
        `job ${id} of TimescaleDB (${proc} of ${table}) ${failed ? `fails: ${lastError ?? 'no text'}` : 'does not run'}; its work is done from here`,
    ),
  ]
}

/** Figures for health and metrics. */
export async function countHistory(database: Database): Promise<HistoryCounts> {
  const { mode, since } = await readMode(database)
  const native = mode === 'native_partitions'
  const tables: TableFacts[] = []
  for (const table of DAY_TABLES) tables.push(await (native ? partitionFacts : chunkFacts)(database, table))
  const now = await databaseNow(database)
  const failing =
    mode === 'hypertable_full'
      ? (await readTimescaleJobs(database)).filter((job) => isStuck(job, since.getTime(), now))
      : []
  return { tables, rollups: await rollupFacts(database, now), failing }
}

async function databaseNow(tx: Queryable): Promise<EpochMs> {
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now.getTime() ?? 0
}

async function partitionFacts(tx: Queryable, table: DayTable): Promise<TableFacts> {
  const ends = (await listPartitions(tx, table)).flatMap((name) => endOfPartition(table, name) ?? [])
  const { rows } = await tx.query<{ strays: number }>(
    `select count(*)::int as strays from (select from ${table}_default where ${LATELY} limit ${MAX_STRAYS}) as found`,
  )
  const [oldest, newest] = [ends.at(0), ends.at(-1)]
  return {
    table,
    strays: rows[0]?.strays ?? 0,
    days: ends.length,
    oldest: oldest === undefined ? null : oldest - DAY_MS,
    newest: newest === undefined ? null : newest - DAY_MS,
  }
}

/** A hypertable makes a chunk for any time: strays are rows of days that have not come. */
async function chunkFacts(tx: Queryable, table: DayTable): Promise<TableFacts> {
  const { rows } = await tx.query<{ days: number; oldest: Date | null; newest: Date | null; strays: number }>(
    `select count(*)::int as days, min(range_start) as oldest, max(range_start) as newest,
            (select count(*)::int from (select from ${table} where at > now() + interval '15 days' and ${LATELY} limit ${MAX_STRAYS}) as found) as strays
       from timescaledb_information.chunks where hypertable_schema = current_schema() and hypertable_name = $1`,
    [table],
  )
  const row = rows[0]
  return {
    table,
    strays: row?.strays ?? 0,
    days: row?.days ?? 0,
    oldest: row?.oldest?.getTime() ?? null,
    newest: row?.newest?.getTime() ?? null,
  }
}

async function rollupFacts(tx: Queryable, now: EpochMs): Promise<readonly RollupFacts[]> {
  const { rows } = await tx.query<{ name: Rollup; timezone: string; watermark: Date; late: number }>(
    `select name, timezone, watermark,
            (select count(*)::int from (select from history_late l where l.rollup = r.name limit ${MAX_STRAYS}) as found) as late
       from history_rollups r order by name`,
  )
  // Continuous aggregates have no watermark of ours: when they fall behind, their jobs say so.
  const ours = !(await hasContinuousAggregates(tx))
  return rows.map(({ name, timezone, watermark, late }) => ({
    rollup: name,
    lagMs: ours ? Math.max(0, now - watermark.getTime() - NORMAL_LAG_MS) : 0,
    late,
    timezone,
  }))
}

/**
 * After a change from the community licence to apache, questions about compressed days are answered wrongly instead of
 * refused (timescale/timescaledb#7787).
 */
async function licenceProblems(tx: Queryable, mode: HistoryMode): Promise<string[]> {
  if (mode !== 'hypertable_apache') return []
  const { rows } = await tx.query<{ compressed: number; aggregates: boolean }>(
    `select (select count(*)::int from timescaledb_information.chunks
              where hypertable_name = any ($1) and is_compressed) as compressed,
            to_regclass('event_day_buckets') is not null as aggregates`,
    [ROLLUPS.map((rollup) => RAW_TABLE[rollup])],
  )
  const { compressed, aggregates } = rows[0] ?? { compressed: 0, aggregates: false }
  const wayOut = 'set timescaledb.license = timescale again and restart the server'
  return [
    ...(compressed > 0
      ? [
          `${compressed} days are compressed and cannot be read under this licence; answers about them are WRONG: ${wayOut}`,
        ]
      : []),
    ...(aggregates ? [`the continuous aggregates are not refreshed under this licence: ${wayOut}`] : []),
  ]
}

async function zoneProblems(tx: Queryable): Promise<string[]> {
  const { rows } = await tx.query<{ counted: string; city: string }>(
    `select r.timezone as counted, c.body ->> 'timezone' as city
       from history_rollups r, config_objects c
      where r.name = 'event_days' and r.raw_from is not null and to_regclass('event_day_buckets') is null
        and c.kind = 'city' and c.removed_at is null and c.body ->> 'timezone' <> r.timezone`,
  )
  return rows.map(
    ({ counted, city }) =>
      `days are counted in ${counted}, the city is in ${city} now: raw rows of older days are deleted, so they cannot be counted anew`,
  )
}
