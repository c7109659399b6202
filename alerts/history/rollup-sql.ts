/**
 * What a rollup counts, in one place for the tables that our job fills and for the continuous aggregates; migration 0012
 * says the same. A value that the device marked as anything but normal (HJ 212: N) is flagged and in no
 * statistic.
 */
const VALID = "flag is null or flag = 'N'"

export const EVENT_KEYS = 'source_kind, source_id, type, zone, severity'
export const EVENT_COUNTS = `count(*) filter (where kind = 'start') as starts,
       count(*) filter (where kind = 'update') as updates, count(*) filter (where kind = 'end') as ends`

export const READING_KEYS = 'device, factor, period, statistic'
export const READING_STATISTICS = `count(value) filter (where ${VALID}) as n, min(value) filter (where ${VALID}) as min,
       avg(value) filter (where ${VALID}) as avg, max(value) filter (where ${VALID}) as max,
       count(*) filter (where flag <> 'N') as flagged`

/** Hours of UTC; `date_bin` because it is there without TimescaleDB too. */
export const hourOf = (column: string): string =>
  `date_bin('1 hour', ${column}, timestamptz '2000-01-01 00:00+00')`
