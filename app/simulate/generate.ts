import { partitionOf } from '../../alerts/partitions/partitions.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import { insertDay, insertReadingsDay, MESSAGES_PER_HAZARD } from './generate-sql.ts'

const DAY_MS = 86_400_000

export interface GenerateOptions {
  /** Rows to make, about: a hazard that lasts over midnight is cut there. */
  readonly rows: number
  /** UTC days, the last one up to `until`. */
  readonly days: number
  readonly until: EpochMs
  readonly seed?: number
  readonly signal?: AbortSignal
  /** Rows made so far. */
  readonly onRows?: (rows: number) => void
}

export interface GeneratedEvents {
  readonly rows: number
  /** First moments of the days. */
  readonly days: readonly EpochMs[]
}

/** Ids of the cameras that `generateEvents` lets have hazards: the first ones have the most. */
export const generatedCamera = (index: number): string => `cam-${String(index).padStart(5, '0')}`

/**
 * Fills `events` of a natively partitioned database with a made-up city's history, a day a statement, two days at once.
 * A day whose partition is not there yet is filled before it is attached, which builds its indexes at once. The rollups
 * are not touched: `rebuildRollup` makes them of it.
 */
export async function generateEvents(
  database: Database,
  options: GenerateOptions & { readonly cameras: number; readonly sensors: number },
): Promise<GeneratedEvents> {
  const { cameras, sensors, seed = 1 } = options
  return generate(database, 'events', options, (table, day, until, perDay) => [
    insertDay(table),
    [new Date(day), Math.ceil(perDay / MESSAGES_PER_HAZARD), new Date(until), seed, cameras, sensors],
  ])
}

/** As `generateEvents`, for readings of devices with four factors each, evenly spaced. */
export async function generateReadings(
  database: Database,
  options: GenerateOptions & { readonly devices: number },
): Promise<GeneratedEvents> {
  const { devices, seed = 1 } = options
  return generate(database, 'readings', options, (table, day, until, perDay) => [
    insertReadingsDay(table),
    [new Date(day), new Date(until), devices, seed, Math.max(1, Math.floor((devices * 4 * 86_400) / perDay))],
  ])
}

type Statement = (
  table: string,
  day: EpochMs,
  until: EpochMs,
  perDay: number,
) => readonly [sql: string, params: readonly unknown[]]

async function generate(
  database: Database,
  table: 'events' | 'readings',
  { rows, days, until, signal, onRows }: GenerateOptions,
  statement: Statement,
): Promise<GeneratedEvents> {
  const last = Math.floor((until - 1) / DAY_MS) * DAY_MS
  const starts = Array.from({ length: days }, (_, index) => last - (days - 1 - index) * DAY_MS)
  // The last day may have begun just now.
  const perDay = rows / (days - 1 + (until - last) / DAY_MS)
  const waiting = [...starts]
  let made = 0
  const work = async () => {
    for (let day = waiting.shift(); day !== undefined; day = waiting.shift()) {
      signal?.throwIfAborted()
      const at = day
      const inserted = await database.transaction((tx) =>
        fillDay(tx, table, at, (name) => statement(name, at, until, perDay)),
      )
      made += inserted
      onRows?.(made)
    }
  }
  await Promise.all([work(), work()])
  return { rows: made, days: starts }
}

async function fillDay(
  tx: Queryable,
  table: 'events' | 'readings',
  day: EpochMs,
  statement: (name: string) => readonly [string, readonly unknown[]],
): Promise<number> {
  const { name, from, to } = partitionOf(table, day)
  // Sorts and index builds of one day fit in memory.
  await tx.query("set local work_mem = '128MB'")
  await tx.query("set local maintenance_work_mem = '256MB'")
  // A hash join keeps the rows in the order of their times, as they would have come.
  await tx.query('set local enable_mergejoin = off')
  const there = await tx.query('select from pg_class where oid = to_regclass($1)', [name])
  if (there.rowCount > 0) return (await tx.query(...statement(table))).rowCount
  await tx.query(`create table ${name} (like ${table} including defaults including constraints)`)
  const { rowCount } = await tx.query(...statement(name))
  await tx.query(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`)
  return rowCount
}
