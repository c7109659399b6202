import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readHistoryHealth } from '../../alerts/history/health.ts'
import { createMaintenance, runMaintenance } from '../../alerts/history/maintenance.ts'
import { INBOX_DAYS } from '../../alerts/history/retention.ts'
import { ROLLUPS } from '../../alerts/history/rollup-names.ts'
import { advanceRollup, HISTORY_LOCK, readRollup, rebuildRollup } from '../../alerts/history/rollups.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const MINUTE = 60_000
const DAY = 86_400_000
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await ensurePartitions(database, Date.now())
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query(
    'truncate events, readings, history_late, event_day_counts, event_city_counts, reading_hour_counts, inbox',
  )
  await database.query(
    "update history_rollups set watermark = date_trunc('hour', now()) - interval '2 hours', raw_from = null",
  )
})

/** Minutes before the database's now. */
const put = (tx: Pick<TestDatabase, 'query'>, camera: string, minutes: number, rows = 1) =>
  tx.query(
    `insert into events (at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity, state)
     select clock_timestamp() - make_interval(mins => $2), gen_random_uuid(), 1, n, 'start', 'camera', $1, 'fire', null, 1, '{}'
       from generate_series(1, $3) n`,
    [camera, minutes, rows],
  )
const counted = async () =>
  (
    await database.query(
      `select day, source_id, sum(starts)::int as n from event_days group by 1, 2 order by 1, 2`,
    )
  ).rows
const truth = async () =>
  (
    await database.query(
      `select date_trunc('day', at, 'UTC') as day, source_id, count(*)::int as n from events group by 1, 2 order by 1, 2`,
    )
  ).rows
const ofCity = async () =>
  (await database.query('select day, sum(starts)::int as n from event_city_days group by 1 order by 1')).rows
const ofSources = async () =>
  (await database.query('select day, sum(starts)::int as n from event_days group by 1 order by 1')).rows
const advance = async (behind?: number) => {
  for (;;) {
    const step = await advanceRollup(database, 'event_days', behind)
    if (!step?.more) return step
  }
}

test('whatever comes in whatever order between whatever steps, the counts are those of the rows', async () => {
  const action = fc.oneof(
    fc.record({
      camera: fc.constantFrom('a', 'b'),
      // From now to three days ago, most of it near the watermark (15 minutes) and the mark (10 minutes).
      minutes: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 4_000 })),
    }),
    fc.constant('advance' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
      await database.query('truncate events, history_late, event_day_counts, event_city_counts')
      for (const one of actions) {
        if (one === 'advance') await advance()
        else await put(database, one.camera, one.minutes)
      }
      await advance()
      expect(await counted()).toEqual(await truth())
      expect(await ofCity()).toEqual(await ofSources())
      const { rows } = await database.query('select from history_late')
      expect(rows).toHaveLength(0)
    }),
    { numRuns: 25 },
  )
})

test('a writer that stands still between insert and commit holds the watermark back', async () => {
  const free = Promise.withResolvers<void>()
  const inserted = Promise.withResolvers<Date>()
  const writer = database.transaction(async (tx) => {
    await put(tx, 'slow', 1)
    const { rows } = await tx.query<{ at: Date }>('select now() as at')
    inserted.resolve(rows[0]?.at ?? new Date())
    await free.promise
  })
  const since = await inserted.promise
  try {
    // Right behind the clock, where only the writer's own beginning can hold it.
    await advance(0)
    const { watermark } = await readRollup(database, 'event_days')
    expect(watermark.getTime()).toBeLessThanOrEqual(since.getTime() - 10 * MINUTE)
    expect(watermark.getTime()).toBeGreaterThan(since.getTime() - 11 * MINUTE)
  } finally {
    free.resolve()
    await writer
  }
  await advance(0)
  expect((await readRollup(database, 'event_days')).watermark.getTime()).toBeGreaterThan(
    since.getTime() - 5_000,
  )
  expect(await counted()).toEqual(await truth())
})

test('two instances count nothing twice: the second does nothing while the first works', async () => {
  await put(database, 'a', 60, 3)
  await database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [HISTORY_LOCK])
    expect(await advanceRollup(database, 'event_days')).toBeNull()
  })
  await Promise.all([advance(), advance(), advance()])
  expect(await counted()).toEqual(await truth())
})

test('after days without a job it goes on day by day, and answers are right all the time', async () => {
  await database.query("update history_rollups set watermark = date_trunc('hour', now()) - interval '5 days'")
  for (const days of [0.5, 1.5, 2.5, 3.5, 4.5]) await put(database, 'a', days * 24 * 60)
  await database.query('truncate history_late') // as if they had come in time
  const expected = await truth()
  let steps = 0
  for (let more = true; more; steps += 1) {
    more = (await advanceRollup(database, 'event_days'))?.more ?? false
    expect(await counted()).toEqual(expected)
    expect(await ofCity()).toEqual(await ofSources())
  }
  expect(steps).toBeGreaterThanOrEqual(5)
})

test('an hour of readings that is half counted is never seen', async () => {
  const read = (minutes: number, value: number) =>
    database.query(
      `insert into readings (at, received_at, device, factor, period, statistic, value, message_id)
       values (date_trunc('hour', now()) - make_interval(mins => $1), now(), 'dev', 'a34004', 'instant', 'value', $2, 'm')`,
      [minutes, value],
    )
  await read(1, 10)
  await read(59, 30)
  await read(61, 5)
  const hours = async () =>
    (await database.query<{ n: string; avg: number }>('select n, avg from reading_hours order by hour')).rows
  const expected = [
    { n: '1', avg: 5 },
    { n: '2', avg: 20 },
  ]
  expect(await hours()).toEqual(expected)
  await advanceRollup(database, 'reading_hours')
  expect(await hours()).toEqual(expected)
  const { watermark } = await readRollup(database, 'reading_hours')
  expect(watermark.getTime() % 3_600_000).toBe(0)
})

test('counting everything anew gives the same, with days of another zone', async () => {
  await put(database, 'a', 300, 4)
  await put(database, 'a', 3, 2)
  await advance()
  await rebuildRollup(database, 'event_days', 'Asia/Shanghai')
  const { rows } = await database.query<{ n: number; hour: string }>(
    `select sum(starts)::int as n, min(to_char(day at time zone 'Asia/Shanghai', 'HH24:MI')) as hour from event_days`,
  )
  expect(rows).toEqual([{ n: 6, hour: '00:00' }])
  expect(await ofCity()).toEqual(await ofSources())
  await rebuildRollup(database, 'event_days', 'UTC')
  expect(await counted()).toEqual(await truth())
})

describe('maintenance', () => {
  const start = (
    keep = { events: null, readings: null } as { events: number | null; readings: number | null },
  ) => {
    const clock = manualClock(Date.now())
    const log = recordingLog()
    const metrics = recordingMetrics()
    return { clock, log, metrics, worker: createMaintenance({ database, clock, log, metrics, keep }) }
  }

  test('the inbox is kept thirty days', async () => {
    await database.query(
      `insert into inbox (source, id, received_at, outcome)
       select 's', n::text, now() - make_interval(days => n, hours => 12), 'applied' from generate_series(0, $1) n`,
      [INBOX_DAYS + 5],
    )
    await start().worker.round()
    const { rows } = await database.query<{ oldest: number }>('select max(id::int) as oldest from inbox')
    expect(rows).toEqual([{ oldest: INBOX_DAYS - 1 }])
  })

  test('days that are over are vacuumed, so that a camera-day is read from the index alone', async () => {
    const yesterday = Date.now() - DAY
    await ensurePartitions(database, yesterday, 0)
    await put(database, 'a', 24 * 60, 3_000)
    const { worker } = start()
    // The statistics that it goes by come a moment after the commit.
    await expect
      .poll(
        async () => {
          await createMaintenance({
            database,
            clock: manualClock(Date.now()),
            log: silentLog,
            metrics: recordingMetrics(),
            keep: { events: null, readings: null },
          }).round()
          const { rows } = await database.query<{ plan: string }>(
            `explain (analyze, costs off, timing off, summary off) select type, kind from events
              where source_id = 'a' and at >= now() - interval '25 hours' and at < now() - interval '23 hours'
              order by at desc limit 100`,
          )
          return rows.map((row) => Object.values(row).join()).join('\n')
        },
        { timeout: 60_000 },
      )
      .toMatch(/Index Only Scan.*Heap Fetches: 0/s)
    await worker.round()
  })

  test('old days go after they are counted, never before', async () => {
    const old = Date.now() - 12 * DAY
    await ensurePartitions(database, old, 0)
    await put(database, 'a', 12 * 24 * 60, 2)
    const before = await counted()
    const { worker } = start({ events: 10, readings: null })
    // Another instance counts: this one must not delete what it has not seen counted.
    await database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [HISTORY_LOCK])
      await worker.round()
      expect((await database.query('select from events')).rowCount).toBe(2)
    })
    const next = start({ events: 10, readings: null })
    await next.worker.round()
    expect((await database.query('select from events')).rowCount).toBe(0)
    expect(before).toEqual([]) // late rows are not seen until they are counted
    expect(await counted()).toMatchObject([{ source_id: 'a', n: 2 }])
    expect(next.log.lines.join()).toContain('events_')
  })

  test('a failure of one part is told and does not stop the others', async () => {
    const { worker, metrics, log } = start()
    await put(database, 'a', 60)
    await database.query('alter table inbox rename to inbox_away')
    await expect(worker.round()).rejects.toThrow('inbox')
    await database.query('alter table inbox_away rename to inbox')
    expect(metrics.counts.get('history_maintenance_failures_total{part=retention}')).toBe(1)
    expect(log.lines.join()).toContain('retention')
    expect(await counted()).toEqual(await truth())
  })

  test('what is kept too short is refused', () => {
    expect(() => start({ events: 3, readings: null })).toThrow('events are to be kept 3 days: at least 7')
  })

  test('it runs until it is told to stop', async () => {
    const stop = new AbortController()
    const metrics = recordingMetrics()
    await put(database, 'a', 60)
    const running = runMaintenance({
      database,
      clock: manualClock(Date.now()),
      log: silentLog,
      metrics,
      keep: { events: null, readings: null },
      signal: stop.signal,
    })
    await expect.poll(counted, { timeout: 30_000 }).toEqual(await truth())
    stop.abort()
    await running
  })
})

describe('health', () => {
  test('names the mode, the days and what is wrong', async () => {
    for (const rollup of ROLLUPS) await advanceRollup(database, rollup)
    const well = await readHistoryHealth(database)
    expect(well).toMatchObject({ mode: 'native_partitions', version: null, problems: [] })
    expect(well.tables.find(({ table }) => table === 'events')).toMatchObject({
      strays: 0,
      days: expect.any(Number),
    })

    await put(database, 'a', -60 * 24 * 400)
    await database.query(
      "update history_rollups set watermark = now() - interval '5 hours' where name = 'event_days'",
    )
    const { problems, detail } = await readHistoryHealth(database)
    expect(problems).toHaveLength(2)
    expect(detail).toMatch(/1 rows of events are far from today/)
    expect(detail).toMatch(/event_days is 28\d minutes behind/)

    // The clock was put right two days ago: what it wrote stays, the alarm does not.
    await database.query("update events set received_at = now() - interval '2 days' where source_id = 'a'")
    expect((await readHistoryHealth(database)).problems).toHaveLength(1)
  })
})
