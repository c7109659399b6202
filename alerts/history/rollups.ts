import type { Database, Queryable } from '../../core/ports/database.ts'
import { RAW_TABLE, type Rollup } from './rollup-names.ts'
import { EVENT_COUNTS, EVENT_KEYS, hourOf, READING_KEYS, READING_STATISTICS } from './rollup-sql.ts'

/**
 * The rollups that our own job keeps, where there are no continuous aggregates. Two truths make them exact: everything
 * before the watermark is in the counting tables, and a row that was inserted later than ten minutes after its time
 * left a mark in `history_late`, in its own transaction (triggers of migration 0012). The views add the rest.
 */

/** Held by whoever changes history; a second instance does nothing. */
export const HISTORY_LOCK = 7_382_140_597
/** How far the watermark stays behind the clock, in minutes; more than the ten of the triggers. */
const BEHIND_MINUTES = 15
const MARKED_AFTER = "interval '10 minutes'"
/** One transaction counts so much at most: after an outage it goes day by day. */
const STEP = "interval '1 day'"
const MAX_MARKS = 20_000

export interface RollupRow {
  readonly timezone: string
  readonly watermark: Date
  readonly raw_from: Date | null
}

/** Runs `work` in a transaction that is the only one to change history; null: another instance does. */
export async function underHistoryLock<T>(
  database: Database,
  work: (tx: Queryable) => Promise<T>,
): Promise<T | null> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      HISTORY_LOCK,
    ])
    return rows[0]?.mine ? work(tx) : null
  })
}

export async function readRollup(tx: Queryable, rollup: Rollup): Promise<RollupRow> {
  const { rows } = await tx.query<RollupRow>(
    'select timezone, watermark, raw_from from history_rollups where name = $1',
    [rollup],
  )
  if (!rows[0]) throw new Error(`history_rollups has no row ${rollup}`)
  return rows[0]
}

/** What one step did. */
export interface RollupStep {
  /** Keys of late rows that were counted anew. */
  readonly recounted: number
  /** Marks of rows older than what retention has left: nothing to count them with. */
  readonly ignored: number
  /** Whether there is more to do at once. */
  readonly more: boolean
}

/** One step of one rollup, in one transaction: late rows first, then up to a day further. Null: another instance works. */
export function advanceRollup(
  database: Database,
  rollup: Rollup,
  behindMinutes = BEHIND_MINUTES,
): Promise<RollupStep | null> {
  return underHistoryLock(database, async (tx) => {
    const { watermark, timezone, raw_from } = await readRollup(tx, rollup)
    const target = await nextWatermark(tx, rollup, behindMinutes)
    const late = await takeLateMarks(tx, rollup, raw_from)
    const recounted =
      late.keys.length === 0
        ? 0
        : rollup === 'event_days'
          ? await recountEventDays(tx, late.keys, timezone, watermark)
          : await recountReadingHours(tx, late.keys, watermark)
    if (target.to > watermark) {
      if (rollup === 'event_days') await addEventDays(tx, timezone, watermark, target.to)
      else await addReadingHours(tx, watermark, target.to)
      await tx.query('update history_rollups set watermark = $2 where name = $1', [rollup, target.to])
    }
    if (rollup === 'event_days') await sumCityDays(tx, late.keys, timezone, watermark)
    return { recounted, ignored: late.ignored, more: late.more || target.more }
  })
}

/**
 * How far may be counted: no row may come before it any more without leaving a mark. A transaction that stands still
 * between insert and commit (SIGSTOP) holds a lock on the raw table; what it inserted unmarked was younger than ten
 * minutes after its start. Read before the rows are: who takes that lock afterwards inserts later.
 */
async function nextWatermark(
  tx: Queryable,
  rollup: Rollup,
  behindMinutes: number,
): Promise<{ to: Date; more: boolean }> {
  const { rows } = await tx.query<{ to: Date; more: boolean }>(
    `with writers as (
       select coalesce(min(coalesce(a.xact_start, '-infinity')), 'infinity') as since
         from pg_locks l left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.pid <> pg_backend_pid()
          and l.database = (select oid from pg_database where datname = current_database())
          and l.relation = $2::text::regclass),
     aim as (
       select least(clock_timestamp() - make_interval(mins => $3), (select since from writers) - ${MARKED_AFTER}) as at),
     whole as (
       select case when $1 = 'reading_hours' then ${hourOf('at')} else date_trunc('second', at) end as at
         from aim where at > '-infinity')
     select greatest(r.watermark, least(whole.at, r.watermark + ${STEP})) as to,
            whole.at > r.watermark + ${STEP} as more
       from history_rollups r, whole where r.name = $1`,
    [rollup, RAW_TABLE[rollup], behindMinutes],
  )
  // None: of a writer it is not known (it is another database user's) when it began.
  return rows[0] ?? { to: new Date(0), more: false }
}

interface LateKey {
  readonly source: string
  readonly factor: string | null
  readonly at: Date
}

/** Takes marks, oldest transactions first. One whose row is not counted with yet stays for the next step. */
async function takeLateMarks(
  tx: Queryable,
  rollup: Rollup,
  rawFrom: Date | null,
): Promise<{ keys: readonly LateKey[]; ignored: number; more: boolean }> {
  const unit = rollup === 'event_days' ? 'at' : hourOf('at')
  const { rows } = await tx.query<LateKey & { marks: string }>(
    `with taken as (
       delete from history_late where ctid = any (array(select ctid from history_late where rollup = $1 limit $2))
       returning source, factor, at)
     select source, factor, ${unit} as at, count(*) as marks from taken group by 1, 2, 3`,
    [rollup, MAX_MARKS],
  )
  const marks = rows.reduce((sum, row) => sum + Number(row.marks), 0)
  const keys = rows.filter(({ at }) => rawFrom === null || at >= rawFrom)
  const kept = keys.reduce((sum, row) => sum + Number(row.marks), 0)
  return { keys, ignored: marks - kept, more: marks === MAX_MARKS }
}

const keyLists = (keys: readonly LateKey[]) => [
  keys.map(({ source }) => source),
  keys.map(({ at }) => at.toISOString()),
]

async function recountEventDays(
  tx: Queryable,
  keys: readonly LateKey[],
  timezone: string,
  watermark: Date,
): Promise<number> {
  const days = `select distinct source_id, date_trunc('day', at, $3) as day
                  from unnest($1::text[], $2::timestamptz[]) as late (source_id, at)`
  const params = [...keyLists(keys), timezone]
  await tx.query(
    `delete from event_day_counts c using (${days}) late where c.source_id = late.source_id and c.day = late.day`,
    params,
  )
  const { rows } = await tx.query<{ days: number }>(
    `with late as (${days}), counted as (
       insert into event_day_counts (day, ${EVENT_KEYS}, starts, updates, ends)
       select late.day, source_kind, late.source_id, type, zone, severity, starts, updates, ends
         from late cross join lateral (
           select source_kind, type, zone, severity, ${EVENT_COUNTS}
             from events e
            where e.source_id = late.source_id and e.at >= late.day and e.at < $4
              and e.at < ((late.day at time zone $3) + interval '1 day') at time zone $3
            group by source_kind, type, zone, severity) as counts)
     select count(*)::int as days from late`,
    [...params, watermark],
  )
  return rows[0]?.days ?? 0
}

async function recountReadingHours(
  tx: Queryable,
  keys: readonly LateKey[],
  watermark: Date,
): Promise<number> {
  const hours = `select * from unnest($1::text[], $2::timestamptz[], $3::text[]) as late (device, hour, factor)`
  const params = [...keyLists(keys), keys.map(({ factor }) => factor)]
  await tx.query(
    `delete from reading_hour_counts c using (${hours}) late
      where c.device = late.device and c.factor = late.factor and c.hour = late.hour`,
    params,
  )
  await tx.query(
    `insert into reading_hour_counts (hour, ${READING_KEYS}, n, min, avg, max, flagged)
     select late.hour, late.device, late.factor, period, statistic, n, min, avg, max, flagged
       from (${hours}) as late cross join lateral (
         select period, statistic, ${READING_STATISTICS}
           from readings r
          where r.device = late.device and r.factor = late.factor
            and r.at >= late.hour and r.at < late.hour + interval '1 hour' and r.at < $4
          group by period, statistic) as counts`,
    [...params, watermark],
  )
  return keys.length
}

/** Adds to the days: the part of today before the watermark is there already. */
async function addEventDays(
  tx: Queryable,
  timezone: string,
  from: Date | '-infinity',
  to: Date,
): Promise<void> {
  await tx.query(
    `insert into event_day_counts (day, ${EVENT_KEYS}, starts, updates, ends)
     select date_trunc('day', at, $1), ${EVENT_KEYS}, ${EVENT_COUNTS}
       from events where at >= $2 and at < $3 group by 1, ${EVENT_KEYS}
     on conflict (day, type, source_kind, source_id, zone, severity) do update
       set starts = event_day_counts.starts + excluded.starts, updates = event_day_counts.updates + excluded.updates,
           ends = event_day_counts.ends + excluded.ends`,
    [timezone, from, to],
  )
}

/** Sums the city's days anew: those of late rows, and those that were added to, which begin with the watermark's. */
async function sumCityDays(
  tx: Queryable,
  keys: readonly LateKey[],
  timezone: string,
  since: Date | '-infinity',
): Promise<void> {
  const params = [keys.map(({ at }) => at.toISOString()), timezone, since]
  const touched = `(day >= date_trunc('day', $3::timestamptz, $2)
     or day in (select date_trunc('day', at, $2) from unnest($1::timestamptz[]) as late (at)))`
  await tx.query(`delete from event_city_counts where ${touched}`, params)
  await tx.query(
    `insert into event_city_counts (day, source_kind, type, severity, starts, updates, ends)
     select day, source_kind, type, severity, sum(starts), sum(updates), sum(ends)
       from event_day_counts where ${touched} group by day, source_kind, type, severity`,
    params,
  )
}

/** The watermark is at a whole hour: each hour is counted once, and anew when it gets a late row. */
async function addReadingHours(tx: Queryable, from: Date | '-infinity', to: Date): Promise<void> {
  await tx.query(
    `insert into reading_hour_counts (hour, ${READING_KEYS}, n, min, avg, max, flagged)
     select ${hourOf('at')}, ${READING_KEYS}, ${READING_STATISTICS}
       from readings where at >= $1 and at < $2 group by 1, ${READING_KEYS}`,
    [from, to],
  )
}

/** Counts everything before the watermark anew, in one transaction: readers see the old counts until it is done. */
export function rebuildRollup(database: Database, rollup: Rollup, timezone: string): Promise<boolean | null> {
  return underHistoryLock(database, async (tx) => {
    const { watermark } = await readRollup(tx, rollup)
    await tx.query('delete from history_late where rollup = $1', [rollup])
    if (rollup === 'event_days') {
      await tx.query('delete from event_day_counts')
      await addEventDays(tx, timezone, '-infinity', watermark)
      await sumCityDays(tx, [], timezone, '-infinity')
    } else {
      await tx.query('delete from reading_hour_counts')
      await addReadingHours(tx, '-infinity', watermark)
    }
    await tx.query('update history_rollups set timezone = $2 where name = $1', [rollup, timezone])
    return true
  })
}
