import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { dropPartitions, ensurePartitions, partitionOf } from '../../alerts/partitions/partitions.ts'
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
  await database.query('truncate inbox, events, event_state, alerts, changes, picture_requests cascade')
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

test('today and two days are made ahead, once, also by two roles at once', async () => {
  const [one, other] = await Promise.all([
    ensurePartitions(database, TEST_TIME),
    ensurePartitions(database, TEST_TIME),
  ])
  expect([...one, ...other].sort()).toEqual(['events_20260301', 'events_20260302', 'events_20260303'])
  expect(await ensurePartitions(database, TEST_TIME)).toEqual([])
  expect(await ensurePartitions(database, TEST_TIME + DAY)).toEqual(['events_20260304'])
})

test('events go to the partition of their day; what fell into the default one moves when its day is made', async () => {
  await ensurePartitions(database, TEST_TIME)
  const late = TEST_TIME + 10 * DAY
  await inbox().receive([start(TEST_TIME, 'now'), start(TEST_TIME + DAY, 'next'), start(late, 'ahead')])
  expect(await where()).toEqual([
    'now in events_20260301',
    'next in events_20260302',
    'ahead in events_default',
  ])
  expect(await ensurePartitions(database, late, 0)).toEqual(['events_20260311'])
  expect(await where()).toContain('ahead in events_20260311')
})

test('a partition is dropped when its last moment is as old as the retention, not before', async () => {
  await ensurePartitions(database, TEST_TIME)
  await inbox().receive([start(TEST_TIME, 'old')])
  const midnight = Date.parse(partitionOf(TEST_TIME).to)
  expect(await dropPartitions(database, midnight + 7 * DAY - 1, 7)).toEqual([])
  expect(await where()).toEqual(['old in events_20260301'])
  expect(await dropPartitions(database, midnight + 7 * DAY, 7)).toEqual(['events_20260301'])
  expect(await where()).toEqual([])
})
