import type { Clock, Database, Log, Queryable } from '../../core/ports.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

const DAY_MS: DurationMs = 86_400_000
const PARTITION = /^events_(\d{4})(\d{2})(\d{2})$/
/** Any number will do as long as it is always this one: two roles may start at once. */
const PARTITION_LOCK = 7_382_140_593

/** Name and UTC bounds of the partition that holds the day of `at`. */
export function partitionOf(at: EpochMs): { name: string; from: string; to: string } {
  const start = Math.floor(at / DAY_MS) * DAY_MS
  const from = new Date(start).toISOString()
  return {
    name: `events_${from.slice(0, 10).replaceAll('-', '')}`,
    from,
    to: new Date(start + DAY_MS).toISOString(),
  }
}

/**
 * Makes the day partitions of `events` for today and `aheadDays` more. Rows of such a day that fell into the default
 * partition (a camera's clock ran ahead, or nobody made the day) move into it. Returns the names made.
 */
export async function ensurePartitions(
  database: Database,
  now: EpochMs,
  aheadDays = 2,
): Promise<readonly string[]> {
  const made: string[] = []
  for (let day = 0; day <= aheadDays; day += 1) {
    const { name, from, to } = partitionOf(now + day * DAY_MS)
    const isNew = await database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
      const there = await tx.query('select from pg_class where oid = to_regclass($1)', [name])
      if (there.rowCount > 0) return false
      await makePartition(tx, name, from, to)
      return true
    })
    if (isNew) made.push(name)
  }
  return made
}

async function makePartition(tx: Queryable, name: string, from: string, to: string): Promise<void> {
  // Nothing may fall into the default partition between the move and the attach. Names and times are our own.
  await tx.query('lock table events_default in access exclusive mode')
  await tx.query(`create table ${name} (like events including defaults including constraints)`)
  await tx.query(
    `with strays as (delete from events_default where at >= $1 and at < $2 returning *)
     insert into ${name} select * from strays`,
    [from, to],
  )
  await tx.query(`alter table events attach partition ${name} for values from ('${from}') to ('${to}')`)
}

/** Drops the day partitions that ended `keepDays` or more before now. Returns their names. */
export async function dropPartitions(
  database: Database,
  now: EpochMs,
  keepDays: number,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'events'::regclass order by c.relname`,
  )
  const old = rows
    .map((row) => row.name)
    .filter((name) => {
      const day = PARTITION.exec(name)
      return (
        day !== null && Date.parse(`${day[1]}-${day[2]}-${day[3]}T00:00:00Z`) + DAY_MS * (keepDays + 1) <= now
      )
    })
  for (const name of old) await database.query(`drop table if exists ${name}`)
  return old
}

/** Keeps the partitions ahead of the clock, and drops old ones when `keepDays` says so, until aborted. */
export async function runPartitions(deps: {
  database: Database
  clock: Clock
  log: Log
  /** Days of events to keep; null: all. */
  keepDays: number | null
  signal: AbortSignal
}): Promise<void> {
  const { database, clock, log, keepDays, signal } = deps
  while (!signal.aborted) {
    // Two days are made ahead, so an hour's delay after a failure does no harm.
    let waitMs = DAY_MS / 24
    try {
      const made = await ensurePartitions(database, clock.now())
      const dropped = keepDays === null ? [] : await dropPartitions(database, clock.now(), keepDays)
      if (made.length + dropped.length > 0) log.info({ made, dropped }, 'day partitions of events')
    } catch (error) {
      waitMs = 10_000
      log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'day partitions of events cannot be made now: events go to the default partition meanwhile',
      )
    }
    await clock.sleep(waitMs, signal).catch(() => undefined) // aborted: the loop ends
  }
}
