import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import {
  DAYS_AHEAD,
  DAYS_BACK,
  dropPartitions,
  ensurePartitions,
  partitionOf,
} from '../../alerts/partitions/partitions.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const DAY = 86_400_000
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate inbox, events, event_state, alerts, changes, readings cascade')
})

const inbox = () =>
  createInbox({ database, clock: manualClock(TEST_TIME), log: silentLog, metrics: recordingMetrics() })
const start = (at: number, zone: string) =>
  hazardMessage(hazardEvent({ startedAt: at, since: at, lastSeenAt: at, zone }), {
    kind: 'start',
    seq: 1,
    at: 0,
  })
const where = async () =>
  (
    await database.query<{ part: string; zone: string }>(
      'select tableoid::regclass::text as part, zone from events order by at',
    )
  ).rows.map((row) => `${row.zone} in ${row.part}`)

test('today and the days ahead are made for both tables, once, also by two roles at once', async () => {
  const [one, other] = await Promise.all([
    ensurePartitions(database, TEST_TIME, 1),
    ensurePartitions(database, TEST_TIME, 1),
  ])
  expect([...one, ...other].sort()).toEqual([
    'events_20260301',
    'events_20260302',
    'readings_20260301',
    'readings_20260302',
  ])
  expect(await ensurePartitions(database, TEST_TIME, 1)).toEqual([])
  expect(await ensurePartitions(database, TEST_TIME + DAY, 1)).toEqual([
    'events_20260303',
    'readings_20260303',
  ])
  expect(await ensurePartitions(database, TEST_TIME)).toHaveLength(2 * (DAYS_AHEAD - 2))
})

test('events go to the partition of their day; what fell into the default one moves when its day is made', async () => {
  await ensurePartitions(database, TEST_TIME)
  const late = TEST_TIME + 40 * DAY
  await inbox().receive([start(TEST_TIME, 'now'), start(TEST_TIME + DAY, 'next'), start(late, 'ahead')])
  expect(await where()).toEqual([
    'now in events_20260301',
    'next in events_20260302',
    'ahead in events_default',
  ])
  expect(await ensurePartitions(database, late, 0)).toContain('events_20260410')
  expect(await where()).toContain('ahead in events_20260410')
})

test('what comes late gets the partition of its day; times of a wrong clock get none', async () => {
  await ensurePartitions(database, TEST_TIME)
  const back = TEST_TIME - DAYS_BACK * DAY
  await inbox().receive([
    start(Date.UTC(1970, 0, 1), 'epoch'),
    start(back - DAY, 'too late'),
    start(back, 'late'),
    start(Date.UTC(2099, 0, 1), 'far'),
  ])
  await database.query(
    `insert into readings (at, received_at, device, factor, period, statistic, value, message_id)
     values ($1, now(), 'dev', 'a34004', 'hour', 'avg', 1, 'm')`,
    [new Date(back)],
  )
  expect(await ensurePartitions(database, TEST_TIME)).toEqual(['events_20260120', 'readings_20260120'])
  expect(await where()).toEqual([
    'epoch in events_default',
    'too late in events_default',
    'late in events_20260120',
    'far in events_default',
  ])
  const { rows } = await database.query('select tableoid::regclass::text as part from readings')
  expect(rows).toEqual([{ part: 'readings_20260120' }])
  // The row that moved is the same row: it can still not come twice.
  const again = await database.query(
    `insert into readings (at, received_at, device, factor, period, statistic, value, message_id)
     values ($1, now(), 'dev', 'a34004', 'hour', 'avg', 2, 'm') on conflict do nothing`,
    [new Date(back)],
  )
  expect(again.rowCount).toBe(0)
})

test('a partition is dropped when its last moment is as old as the limit, not before; strays as old go too', async () => {
  await ensurePartitions(database, TEST_TIME)
  await inbox().receive([start(TEST_TIME, 'old'), start(Date.UTC(1970, 0, 1), 'stray')])
  const midnight = Date.parse(partitionOf('events', TEST_TIME).to)
  expect(await dropPartitions(database, 'events', midnight - 1)).not.toContain('events_20260301')
  expect(await where()).toEqual(['old in events_20260301'])
  expect(await dropPartitions(database, 'events', midnight)).toEqual(['events_20260301'])
  expect(await where()).toEqual([])
  expect((await database.query("select from pg_class where relname = 'readings_20260301'")).rowCount).toBe(1)
})

test('a reader that holds the default partition delays the days by two seconds, and does not stop other readers', async () => {
  const free = Promise.withResolvers<void>()
  const reading = Promise.withResolvers<void>()
  const reader = database.transaction(async (tx) => {
    await tx.query('select from events_default')
    reading.resolve()
    await free.promise
  })
  await reading.promise
  const making = ensurePartitions(database, TEST_TIME + 100 * DAY, 0)
  // The lock is asked for and given up: this question comes behind it and is answered before the reader is done.
  await database.query('select from events_default')
  free.resolve()
  await reader
  expect(await making).toEqual(['events_20260609', 'readings_20260609'])
})
