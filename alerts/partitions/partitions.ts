import type { Database, Queryable } from '../../core/ports/database.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { withLockTimeout } from './lock-timeout.ts'

const DAY_MS: DurationMs = 86_400_000
/** Any number will do as long as it is always this one: two roles may start at once. */
const PARTITION_LOCK = 7_382_140_593

/** Tables in day partitions of UTC, where the database has no TimescaleDB. */
export const DAY_TABLES = ['events', 'readings'] as const
export type DayTable = (typeof DAY_TABLES)[number]

/** Two weeks of nobody making any: rows then go to the default partition, where nothing is lost but pruning. */
export const DAYS_AHEAD = 14
/**
 * What comes late gets the partition of its day back to here: longer than any spool outage (30 d) and any re-send of a
 * device. Older and later times are a wrong clock's: they stay in the default partition, which bounds the number of
 * partitions, and are an alarm.
 */
export const DAYS_BACK = 40

/** Name and UTC bounds of the partition that holds the day of `at`. */
export function partitionOf(table: DayTable, at: EpochMs): { name: string; from: string; to: string } {
  const start = Math.floor(at / DAY_MS) * DAY_MS
  const from = new Date(start).toISOString()
  return {
    name: `${table}_${from.slice(0, 10).replaceAll('-', '')}`,
    from,
    to: new Date(start + DAY_MS).toISOString(),
  }
}

/** The end of the day that a partition of this name holds, epoch ms; null: it is no day partition of the table. */
export function endOfPartition(table: DayTable, name: string): EpochMs | null {
  const day = new RegExp(`^${table}_(\\d{4})(\\d{2})(\\d{2})$`).exec(name)
  return day ? Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) + DAY_MS : null
}

/** Day partitions that the table has, by name. None when it is a hypertable. */
export async function listPartitions(tx: Queryable, table: DayTable): Promise<readonly string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = to_regclass($1) and c.relname <> $1 || '_default' order by c.relname`,
    [table],
  )
  return rows.map(({ name }) => name).filter((name) => endOfPartition(table, name) !== null)
}

/**
 * Makes the day partitions of `events` and `readings` for today and `aheadDays` more, and for the recent days of which
 * rows lie in the default partition (a clock ran ahead, a spool drained late, nobody made the day): those rows move.
 * Returns the names made; none where the tables are hypertables.
 */
export async function ensurePartitions(
  database: Database,
  now: EpochMs,
  aheadDays = DAYS_AHEAD,
): Promise<readonly string[]> {
  const made: string[] = []
  for (const table of DAY_TABLES)
    made.push(...(await withLockTimeout(database, (tx) => ensureDays(tx, table, now, aheadDays))))
  return made
}

async function ensureDays(
  tx: Queryable,
  table: DayTable,
  now: EpochMs,
  aheadDays: number,
): Promise<readonly string[]> {
  await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
  if (!(await isPartitioned(tx, table))) return []
  const there = new Set(await listPartitions(tx, table))
  const ahead = Array.from({ length: aheadDays + 1 }, (_, day) => now + day * DAY_MS)
  const wanted = [...ahead, ...(await strayDays(tx, table, now, aheadDays))].map((at) =>
    partitionOf(table, at),
  )
  const missing = [...new Map(wanted.map((part) => [part.name, part])).values()].filter(
    ({ name }) => !there.has(name),
  )
  if (missing.length === 0) return []
  // Nothing may fall into the default partition between a move and its attach. Names and times are our own.
  await tx.query(`lock table ${table}_default in access exclusive mode`)
  for (const { name, from, to } of missing) {
    await tx.query(`create table ${name} (like ${table} including defaults including constraints)`)
    await tx.query(
      `with strays as (delete from ${table}_default where at >= $1 and at < $2 returning *)
       insert into ${name} select * from strays`,
      [from, to],
    )
    await tx.query(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`)
  }
  return missing.map(({ name }) => name)
}

async function isPartitioned(tx: Queryable, table: DayTable): Promise<boolean> {
  const { rows } = await tx.query<{ kind: string }>(
    'select relkind::text as kind from pg_class where oid = to_regclass($1)',
    [table],
  )
  return rows[0]?.kind === 'p'
}

/** Recent days of which rows lie in the default partition. */
async function strayDays(
  tx: Queryable,
  table: DayTable,
  now: EpochMs,
  aheadDays: number,
): Promise<readonly EpochMs[]> {
  const { rows } = await tx.query<{ day: Date }>(
    `select distinct date_trunc('day', at, 'UTC') as day from ${table}_default where at >= $1 and at < $2`,
    [partitionOf(table, now - DAYS_BACK * DAY_MS).from, partitionOf(table, now + aheadDays * DAY_MS).to],
  )
  return rows.map(({ day }) => day.getTime())
}

/** Drops the day partitions that ended at `before` or earlier, and older rows of the default one. Returns their names. */
export async function dropPartitions(
  database: Database,
  table: DayTable,
  before: EpochMs,
): Promise<readonly string[]> {
  return withLockTimeout(database, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
    if (!(await isPartitioned(tx, table))) return []
    const old = (await listPartitions(tx, table)).filter(
      (name) => (endOfPartition(table, name) ?? Number.POSITIVE_INFINITY) <= before,
    )
    for (const name of old) await tx.query(`drop table ${name}`)
    await tx.query(`delete from ${table}_default where at < $1`, [new Date(before)])
    return old
  })
}
