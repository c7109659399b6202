import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { adoptTimescale } from '../../adapters/postgres/timescale.ts'
import { readHistoryHealth } from '../../alerts/history/health.ts'
import { createMaintenance } from '../../alerts/history/maintenance.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import type { Database } from '../../core/ports/database.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { createTimescaleDatabase } from '../support/timescale.ts'

const DAY = 86_400_000

/** The schema without a look at TimescaleDB, as a database that grew before the extension came. */
async function migrateOnly(database: Database): Promise<void> {
  const folder = new URL('../../adapters/postgres/migrations/', import.meta.url)
  await migrate(database, silentLog, await readdir(folder))
}

const putEvents = (database: Database, days: readonly number[]) =>
  database.query(
    `insert into events (at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity, state)
     select now() - make_interval(days => d), gen_random_uuid(), 1, 1, 'start', 'camera', 'cam', 'fire', 'z', 1, '{"a": [1]}'
       from unnest($1::int[]) d`,
    [days],
  )
const putReading = (database: Database) =>
  database.query(
    `insert into readings (at, received_at, device, factor, period, statistic, value, message_id)
     values (date_trunc('day', now()), now(), 'dev', 'a34004', 'instant', 'value', 1, 'm') on conflict do nothing`,
  )
const maintenance = (database: Database, clock = manualClock(Date.now()), log = silentLog) =>
  createMaintenance({
    database,
    clock,
    log,
    metrics: recordingMetrics(),
    keep: { events: null, readings: null },
  })

test('the adapter of the tests gives and takes the types that pg gives and takes', async () => {
  const question = `select $1::timestamptz as at, $2::jsonb as object, $3::text[] as list, $4::bigint as big, $5::bytea as bytes,
    $6::float8 as real, $7::uuid as id, 7::smallint as small, 1.50::numeric as exact, true as yes, null as nothing,
    date_trunc('day', $1::timestamptz) as day, array[1.5::float8] as reals, count(*) as n from generate_series(1, 3)`
  const params = [
    new Date('2026-03-01T08:00:00.123Z'),
    JSON.stringify({ a: [1, { b: null }] }),
    ['x', 'y "z"'],
    '9007199254740993',
    Buffer.from([0, 255]),
    1.25,
    '0190a4f2-0000-7000-8000-000000000001',
  ]
  await using real = await createTestDatabase()
  await using wasm = await createTimescaleDatabase({ extension: false })
  const expected = await real.query(question, params)
  expect(await wasm.query(question, params)).toEqual(expected)
  expect(expected.rows[0]).toMatchObject({ n: '3', big: '9007199254740993' })
  for (const database of [real, wasm]) {
    await database.query('create table t (a int primary key)')
    expect(await database.query('insert into t select generate_series(1, 3)')).toMatchObject({ rowCount: 3 })
    const failing = database.transaction(async (tx) => {
      await tx.query('delete from t')
      await tx.query('insert into t values (1), (1)')
    })
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    expect(await database.query('select a from t order by a')).toEqual({
      rows: [{ a: 1 }, { a: 2 }, { a: 3 }],
      rowCount: 3,
    })
  }
})

test('tables that have rows become hypertables with all they had', async () => {
  await using database = await createTimescaleDatabase()
  await migrateOnly(database)
  await ensurePartitions(database, Date.now())
  await putEvents(database, [0, 1, 30, 4_000])
  await putReading(database)
  // As an engineer may have made them.
  await database.query('create view fires as select at, source_id from events where type = $$fire$$')
  await database.query(
    'create view fire_days as select date_trunc($$day$$, at) as day, count(*) as n from fires group by 1',
  )
  const facts = async () => ({
    columns: (
      await database.query(
        `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
          where table_name in ('events', 'readings', 'event_days', 'reading_hours') order by table_name, ordinal_position`,
      )
    ).rows,
    indexes: (
      await database.query<{ text: string }>(
        `select replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as text from pg_index
          where indrelid in ('events'::regclass, 'readings'::regclass) order by 1`,
      )
    ).rows,
    checks: (
      await database.query(
        `select pg_get_constraintdef(oid) as text from pg_constraint
          where conrelid in ('events'::regclass, 'readings'::regclass) and contype in ('c', 'p') order by 1`,
      )
    ).rows,
    triggers: (
      await database.query(
        `select tgname from pg_trigger where tgrelid in ('events'::regclass, 'readings'::regclass)
            and tgname like '%_late' order by 1`,
      )
    ).rows,
    rows: (await database.query('select * from events order by at')).rows,
    ofViews: (await database.query('select * from fire_days order by day')).rows,
    late: (await database.query('select * from history_late order by at')).rows,
  })
  const before = await facts()
  expect(before.triggers).toEqual([{ tgname: 'events_late' }, { tgname: 'readings_late' }])
  expect(before.rows).toHaveLength(4)

  expect(await adoptTimescale(database, silentLog)).toEqual({
    mode: 'hypertable_full',
    version: expect.stringMatching(/^2\./),
    note: null,
  })
  expect(await facts()).toEqual(before)
  const { rows } = await database.query(
    'select hypertable_name as name, num_chunks > 0 as chunks from timescaledb_information.hypertables order by 1',
  )
  expect(rows).toEqual([
    { name: 'events', chunks: true },
    { name: 'readings', chunks: true },
  ])
  expect((await putReading(database)).rowCount).toBe(0)

  const log = recordingLog()
  await migrate(database, log)
  expect(log.lines.filter((line) => line.includes('hypertable'))).toEqual([])
  expect(await ensurePartitions(database, Date.now() + 100 * DAY)).toEqual([])
})

test('large tables are left as they are until somebody says so', async () => {
  await using database = await createTimescaleDatabase()
  await migrateOnly(database)
  await putEvents(database, [0])
  const log = recordingLog()
  const left = await adoptTimescale(database, log, 0)
  expect(left.mode).toBe('native_partitions')
  expect(left.note).toContain('sharp-eyes migrate --adopt-timescale')
  expect((await readHistoryHealth(database)).detail).toContain('--adopt-timescale')
  await maintenance(database).round()
  await migrate(database, log, undefined, { adopt: true })
  expect(await readHistoryHealth(database)).toMatchObject({ mode: 'hypertable_full', problems: [] })
  expect((await database.query('select from events')).rowCount).toBe(1)
})

test('an extension that is there but not loaded is named, and nothing is tried that would end the connection', async () => {
  await using database = await createTimescaleDatabase({ extension: false })
  await migrate(database, silentLog)
  const health = await readHistoryHealth(database)
  expect(health).toMatchObject({ mode: 'native_partitions', version: null, problems: [] })
  expect(health.detail).toContain('shared_preload_libraries needs timescaledb')
})

test('without any TimescaleDB there is nothing to say', async () => {
  await using database = await createTestDatabase()
  expect(await adoptTimescale(database, silentLog)).toEqual({
    mode: 'native_partitions',
    version: null,
    note: null,
  })
})

test('apache → timescale brings continuous aggregates; back again is an alarm, since answers would be wrong', async () => {
  await using database = await createTimescaleDatabase({ licence: 'apache' })
  await migrate(database, silentLog)
  await putEvents(database, [0, 20])
  await maintenance(database).round()
  const starts = async () =>
    (await database.query('select sum(starts)::int as n from event_days')).rows[0]?.n as number
  expect(await starts()).toBe(2)
  expect((await readHistoryHealth(database)).detail).toContain('timescaledb.license is "apache"')

  database.licence = 'timescale'
  await migrate(database, silentLog)
  const clock = manualClock(Date.now())
  const worker = maintenance(database, clock)
  await worker.round()
  expect(await starts()).toBe(2)
  clock.advance(4 * DAY) // no scheduler here: the compression is then run by us
  await worker.round()
  expect(await readHistoryHealth(database)).toMatchObject({ mode: 'hypertable_full', problems: [] })

  database.licence = 'apache'
  await migrate(database, silentLog)
  const { problems } = await readHistoryHealth(database)
  expect(problems).toEqual([
    expect.stringMatching(/1 days are compressed .* answers about them are WRONG/),
    expect.stringContaining('continuous aggregates are not refreshed'),
  ])
})

test('jobs that TimescaleDB fails to run are an alarm, and their work is done from here at once', async () => {
  await using database = await createTimescaleDatabase()
  await migrate(database, silentLog)
  await putEvents(database, [3])
  const log = recordingLog()
  const worker = maintenance(database, manualClock(Date.now()), log)
  await worker.round()
  await putEvents(database, [3])
  expect(log.lines.join()).not.toContain('run from here')
  // As PostgreSQL 15.20 leaves it with TimescaleDB 2.28.3: each run of each job fails.
  await database.query(
    `insert into _timescaledb_internal.bgw_job_stat
     select id, now(), now(), now() + interval '1 hour', '-infinity', false, 5, '1s', '1s', 0, 5, 0, 5, 0, 0
       from _timescaledb_config.bgw_job where proc_name = 'policy_refresh_continuous_aggregate'`,
  )
  const { problems, failing } = await readHistoryHealth(database)
  expect(failing.map(({ table }) => table).sort()).toEqual([
    'event_city_day_buckets',
    'event_day_buckets',
    'event_hour_buckets',
    'reading_hour_buckets',
  ])
  expect(problems.join()).toContain('policy_refresh_continuous_aggregate of event_day_buckets) fails')
  await worker.round()
  expect(log.lines.join()).toContain('run from here')
  const { rows } = await database.query('select sum(starts)::int as n from event_days')
  expect(rows).toEqual([{ n: 2 }])
})
