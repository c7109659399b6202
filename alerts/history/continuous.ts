import type { Database, Queryable } from '../../core/ports/database.ts'
import { EVENT_COUNTS, EVENT_KEYS, READING_KEYS, READING_STATISTICS } from './rollup-sql.ts'
import { readRollup, underHistoryLock } from './rollups.ts'

/**
 * Continuous aggregates of TimescaleDB in the place of our counting tables. Days of the city are made of hours, so that
 * the day that runs is counted from hours and only the last two from raw rows; a day straight from the raw table would
 * read all of today for every question.
 */

/** By hand: `time_bucket` is what a continuous aggregate must have, everything else asks the views. */
const HOURS = 'event_hour_buckets'
const DAYS = 'event_day_buckets'
const CITY_DAYS = 'event_city_day_buckets'
const READING_HOURS = 'reading_hour_buckets'
export const AGGREGATES = [HOURS, DAYS, CITY_DAYS, READING_HOURS] as const
const ROLLUP_OF_HOURS = { [HOURS]: 'event_days', [READING_HOURS]: 'reading_hours' } as const

const CONTINUOUS = 'with (timescaledb.continuous, timescaledb.materialized_only = false)'

const CREATE_HOURS = `create materialized view ${HOURS} ${CONTINUOUS} as
  select time_bucket('1 hour', at) as hour, ${EVENT_KEYS}, ${EVENT_COUNTS} from events group by 1, ${EVENT_KEYS} with no data`
/** Names of time zones are checked by the city file; PostgreSQL's own quoting all the same. */
const createDays = (timezone: string) => `create materialized view ${DAYS} ${CONTINUOUS} as
  select time_bucket('1 day', hour, ${timezone}) as day, ${EVENT_KEYS},
         sum(starts)::bigint as starts, sum(updates)::bigint as updates, sum(ends)::bigint as ends
    from ${HOURS} group by 1, ${EVENT_KEYS} with no data`
const createCityDays = (timezone: string) => `create materialized view ${CITY_DAYS} ${CONTINUOUS} as
  select time_bucket('1 day', day, ${timezone}) as day, source_kind, type, severity,
         sum(starts)::bigint as starts, sum(updates)::bigint as updates, sum(ends)::bigint as ends
    from ${DAYS} group by 1, source_kind, type, severity with no data`
const CREATE_READING_HOURS = `create materialized view ${READING_HOURS} ${CONTINUOUS} as
  select time_bucket('1 hour', at) as hour, ${READING_KEYS}, ${READING_STATISTICS} from readings group by 1, ${READING_KEYS} with no data`

export async function hasContinuousAggregates(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [DAYS])
  return rows[0]?.there ?? false
}

/**
 * Puts continuous aggregates in the place of the counting tables (or makes the days anew in another time zone), in one
 * transaction. They are empty until they are refreshed: until then their views count from the raw rows. Null: another
 * instance works.
 */
export function buildContinuousAggregates(database: Database, timezone: string): Promise<boolean | null> {
  return underHistoryLock(database, async (tx) => {
    const { rows } = await tx.query<{ literal: string }>('select quote_literal($1::text) as literal', [
      timezone,
    ])
    await tx.query('create or replace view event_days as select * from event_days_from_tables')
    await tx.query('create or replace view event_city_days as select * from event_city_days_from_tables')
    await tx.query('create or replace view reading_hours as select * from reading_hours_from_tables')
    if (await hasContinuousAggregates(tx)) {
      await tx.query(`drop materialized view ${CITY_DAYS}`)
      await tx.query(`drop materialized view ${DAYS}`)
    } else {
      await tx.query(CREATE_HOURS)
      await tx.query(CREATE_READING_HOURS)
    }
    const zone = rows[0]?.literal ?? "'UTC'"
    await tx.query(createDays(zone))
    await tx.query(createCityDays(zone))
    await tx.query(
      `create or replace view event_days as select day, ${EVENT_KEYS}, starts, updates, ends from ${DAYS}`,
    )
    await tx.query(
      `create or replace view event_city_days as
       select day, source_kind, type, severity, starts, updates, ends from ${CITY_DAYS}`,
    )
    await tx.query(
      `create or replace view reading_hours as
       select hour, ${READING_KEYS}, n, min, avg, max, flagged from ${READING_HOURS}`,
    )
    // From here on TimescaleDB notes by itself what must be counted anew.
    await tx.query('drop trigger if exists events_late on events')
    await tx.query('drop trigger if exists readings_late on readings')
    await tx.query('truncate history_late, event_day_counts, event_city_counts, reading_hour_counts')
    await tx.query('update history_rollups set timezone = $1', [timezone])
    return true
  })
}

/** Counts everything there is to count. Hours before their days; in no transaction: TimescaleDB refuses it there. */
export async function refreshAll(database: Database): Promise<void> {
  for (const name of AGGREGATES) {
    // Hours of deleted raw rows would be deleted with a refresh. Days are made of hours, which all are there.
    const ofRaw = name === HOURS || name === READING_HOURS
    const raw = ofRaw ? await readRollup(database, ROLLUP_OF_HOURS[name]) : null
    const from = raw?.raw_from ? `timestamptz '${raw.raw_from.toISOString()}'` : 'null'
    await database.query(`call refresh_continuous_aggregate('${name}', ${from}, now() - interval '1 hour')`)
  }
}
