import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { sampleCity } from '../../app/health/samples.ts'
import {
  alertingHealth,
  coverageHealth,
  databaseHealth,
  historyHealth,
  publisherHealth,
  readHealth,
  sensorsHealth,
  workDaysHealth,
  workersHealth,
} from '../../app/health.ts'
import { writeNumbered } from '../alerts/publish-fixture.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query(
    'truncate changes, notifications, notification_attempts, event_state, dead_letters, workers, camera_leases, camera_status, config_objects, sensor_state, sensor_episodes cascade',
  )
  await database.query('update change_head set pos = 0')
  await database.query('update change_publisher set pos = 0')
})

const sources = () => [
  databaseHealth(database),
  alertingHealth(database),
  publisherHealth(database),
  sensorsHealth(database),
  workersHealth(database),
  coverageHealth(database),
  historyHealth(database, systemClock),
]
/** The code of each part by its name. */
const codes = async () => {
  const { parts } = await readHealth(sources(), { ready: true, clock: systemClock })
  return Object.fromEntries(parts.map(({ name, code }) => [name, code]))
}
const part = async (name: string) =>
  (await readHealth(sources(), { ready: true, clock: systemClock })).parts.find((each) => each.name === name)

test('an empty site has nothing to complain of', async () => {
  expect(await codes()).toEqual({
    database: 'ok',
    notifications: 'ok',
    events: 'ok',
    'change log': 'ok',
    'change publisher': 'ok',
    workers: 'ok',
    coverage: 'ok',
    history: 'ok',
  })
})

test('notifications that nobody sends, dead ones, dead letters and lost events are told', async () => {
  const notification = (state: string, due: string) =>
    database.query(
      `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state,
         next_attempt_at, payload)
       values (gen_random_uuid(), gen_random_uuid()::text, 'case', gen_random_uuid()::text, 'filed', 'ecology', 'webhook', 'ecology/1', $1,
         now() + $2::interval, '{}')`,
      [state, due],
    )
  await notification('queued', '-1 minute')
  expect(await codes()).toMatchObject({ notifications: 'ok' })
  await notification('dead', '-1 day')
  expect(await part('notifications')).toMatchObject({ code: 'dead', facts: { dead: 1 } })
  await notification('queued', '-10 minutes')
  expect(await part('notifications')).toMatchObject({ code: 'late', facts: { late: 1, dead: 1 } })
  await database.query(
    `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, lost_at, state)
     values (gen_random_uuid(), 1, 1, false, 'cam-1', gen_random_uuid(), now(), now(), '{}')`,
  )
  expect(await codes()).toMatchObject({ events: 'lost' })
  await database.query(
    "insert into dead_letters (topic, bytes, error) values ('hazard.events.v1', 'x', 'bad')",
  )
  expect(await part('events')).toMatchObject({ code: 'dead_letters', facts: { lost: 1, letters: 1 } })
})

test('changes without positions, and positions that are not on the bus, are told with their age', async () => {
  await writeNumbered(database, '2026-000001', 1)
  await writeNumbered(database, '2026-000001', 2)
  await database.query("update changes set at = now() - interval '10 minutes'")
  expect(await codes()).toMatchObject({ 'change log': 'behind', 'change publisher': 'ok' })
  await sequenceOnce({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
  expect(await codes()).toMatchObject({ 'change log': 'ok' })
  expect(await part('change publisher')).toMatchObject({ code: 'behind', facts: { waiting: 2 } })
  await database.query('update change_publisher set pos = 2')
  expect(await codes()).toMatchObject({ 'change publisher': 'ok' })
})

test('cameras that nobody watches, and workers that fell silent, are named; the figures say the same', async () => {
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, body)
     select 'camera', 'cam-' || n, 'file', 1, '{}' from generate_series(1, 3) as n`,
  )
  const worker = (name: string, seen: string, started: string | null, skew: number | null) =>
    database.query(
      `insert into workers (name, version, capacity, first_seen, started_at, last_seen, clock_skew_ms)
       values ($1, '1', 8, now(), now() + $3::interval, now() + $2::interval, $4)`,
      [name, seen, started, skew],
    )
  await worker('w-1', '0', '-1 hour', 12)
  await worker('gone', '-1 day', null, null)
  const lease = (camera: string, until: string, state: string) =>
    database.query(
      `with l as (insert into camera_leases (camera, worker, epoch, until) values ($1, 'w-1', 1, now() + $2::interval))
       insert into camera_status (camera, worker, status) values ($1, 'w-1', jsonb_build_object('state', $3::text))`,
      [camera, until, state],
    )
  await lease('cam-1', '20 seconds', 'online')
  await lease('cam-2', '20 seconds', 'stalled')
  await lease('cam-3', '-1 second', 'online')
  expect(await part('workers')).toMatchObject({ code: 'ok', facts: { present: 1 } })
  expect(await part('coverage')).toMatchObject({
    code: 'dark',
    facts: { all: 3, covered: 1, cameras: 'cam-2, cam-3' },
  })
  const metrics = createMetrics()
  sampleCity(metrics, database)
  const text = await metrics.text()
  expect(text).toContain('sharp_eyes_cameras_configured 3')
  expect(text).toContain('sharp_eyes_cameras_covered 1')

  await worker('w-2', '0', '-1 hour', 61_000)
  expect(await part('workers')).toMatchObject({ code: 'clock_wrong', facts: { workers: 'w-2 (61 s)' } })
  await worker('w-3', '-5 minutes', '-1 hour', null)
  expect(await part('workers')).toMatchObject({ code: 'silent', facts: { workers: 'w-3', present: 2 } })
})

test('sensors that are silent are named before those that were never heard', async () => {
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, body)
     select 'sensor', 'pm-' || n, 'file', 1, '{}' from generate_series(1, 3) as n`,
  )
  const state = (sensor: string, heard: string | null) =>
    database.query(
      `insert into sensor_state (sensor, device, factor, config_version, watched_since, heard_at, judgement)
       values ($1, $1, 'a34004', 1, now(), $2::timestamptz, '{}')`,
      [sensor, heard],
    )
  await state('pm-1', '2026-03-01')
  await state('pm-2', '2026-03-01')
  expect(await part('sensors')).toMatchObject({ code: 'never_heard', facts: { sensors: 'pm-3' } })
  await database.query(
    `insert into sensor_episodes (event_id, sensor, type, since, seq, state)
     values (gen_random_uuid(), 'pm-2', 'sensor_fault', now(), 1, '{}')`,
  )
  expect(await part('sensors')).toMatchObject({ code: 'faulty', facts: { faulty: 1, never: 1 } })
})

test('without its database every part that needs it is down and says so, and nothing hangs', async () => {
  const away = { ...database, query: () => Promise.reject(new Error('Connection terminated')) }
  const { parts, status } = await readHealth(
    [databaseHealth(away), alertingHealth(away), publisherHealth(away), workersHealth(away)],
    { ready: true, clock: systemClock },
  )
  expect(status).toBe('degraded')
  expect(parts.map(({ name, status: of, code }) => [name, of, code])).toEqual([
    ['database', 'down', 'failed'],
    ['alerting', 'down', 'failed'],
    ['change publisher', 'down', 'failed'],
    ['workers', 'down', 'failed'],
  ])
})

test('work days whose holidays nobody knows are told, where a route runs in working time', async () => {
  const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 28) }
  const read = async (known?: ReadonlySet<number>) =>
    (await readHealth([workDaysHealth(database, clock, known)], { ready: true, clock })).parts
  expect(await read(new Set())).toEqual([])
  await database.query(
    `insert into config_objects (kind, id, body, version, managed_by, position) values ('route', 'route-001', '{"lead":"d","clock":"working"}', 1, 'file', 1)`,
  )
  expect(await read(new Set([2026, 2027]))).toMatchObject([{ name: 'work days', status: 'ok' }])
  // 35 days later is next year.
  expect(await read(new Set([2026]))).toMatchObject([
    { status: 'degraded', code: 'no_holidays', facts: { years: '2027' } },
  ])
})
