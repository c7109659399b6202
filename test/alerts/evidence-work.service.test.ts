import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { insertRequests, requestPictures } from '../../alerts/evidence/requests.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import type { MadePicture, PictureTask, PictureWork } from '../../core/ports/pictures.ts'
import { recordingMetrics } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let metrics: ReturnType<typeof recordingMetrics>
let work: PictureWork
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query(
    'truncate picture_requests, alerts, evidence, event_state, changes, config_objects, camera_leases, workers, coverage cascade',
  )
  await configure('cam')
  newWork()
})

/** As after a restart: who was not there a moment ago is looked for at once. */
function newWork(): void {
  metrics = recordingMetrics()
  work = createPictureWork({ database, clock: systemClock, metrics })
}

const configure = (camera: string) =>
  database.query(
    "insert into config_objects (kind, id, managed_by, version, body) values ('camera', $1, 'file', 1, $2)",
    [camera, { id: camera, privacy: [], masking: 'heads' }],
  )
const worker = (name: string, lastSeen: string | null = '0 s') =>
  database.query(
    `insert into workers (name, version, capacity, first_seen, started_at, last_seen)
     values ($1, '0', 10, now(), case when $2::text is not null then now() - $2::interval end, now() - coalesce($2, '0 s')::interval)
     on conflict (name) do update set last_seen = excluded.last_seen, started_at = excluded.started_at`,
    [name, lastSeen],
  )
const lease = (camera: string, name: string) =>
  database.query(
    `insert into camera_leases (camera, worker, epoch, until) values ($1, $2, 1, now() + interval '20 s')
     on conflict (camera) do update set worker = excluded.worker, epoch = camera_leases.epoch + 1, until = excluded.until`,
    [camera, name],
  )

async function alert(source: 'camera' | 'sensor' = 'camera'): Promise<string> {
  const id = randomUUID()
  await database.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, severity, state, started_at,
       since, last_seen_at, score, event_id, cause)
     values ($1::uuid, $1::text, $2, case $2 when 'camera' then 'cam' else 'pm-1' end, 'r', '1', 'fire', 1, 'firing', now(),
       now(), now(), 1, $1::uuid, '{"box":[0,0,1,1]}')`,
    [id, source],
  )
  return id
}

/** The clip of an alert that `by` saw a while ago. */
async function clip(by: string | null, secondsAgo = 20): Promise<string> {
  const alertId = await alert()
  const moment = Date.now() - secondsAgo * 1_000
  await insertRequests(database, [
    {
      ...{ alertId, camera: 'cam', kind: 'clip', pinId: alertId, rank: 0, worker: by },
      ...{ from: moment - 10_000, to: moment + 10_000, moment },
    },
  ])
  return alertId
}
const later = () => database.query("update picture_requests set updated_at = now() - interval '1 hour'")
const states = async () =>
  (
    await database.query<{ state: string; error: string | null }>(
      'select state, error from picture_requests order by moment, rank, kind desc',
    )
  ).rows
const made = (name: string, variant: MadePicture['variant'] = 'masked'): MadePicture => ({
  ...{
    variant,
    sha256: name.repeat(64).slice(0, 64),
    bytes: 1,
    mediaType: 'video/mp4',
    capturedAt: 0,
    meta: {},
  },
})
const must = (task: PictureTask | null): PictureTask => {
  if (task) return task
  throw new Error('no task is due')
}

test('the worker that saw it makes it, also when another holds the camera now', async () => {
  await worker('w1')
  await worker('w2')
  await lease('cam', 'w2')
  const alertId = await clip('w1')
  expect(await work.next('w2')).toBeNull()
  expect(await work.next('w1')).toMatchObject({
    ...{ kind: 'clip', alertId, pinId: alertId, box: [0, 0, 1, 1], attempt: 1, camera: { id: 'cam' } },
  })
})

test('while it is away the holder may try; only who has the recording says the last word', async () => {
  await worker('w1', '1 hour')
  await worker('w2')
  await lease('cam', 'w2')
  const alertId = await clip('w1')
  const task = must(await work.next('w2'))
  await work.failed('w2', task.id, 'not in my ring', true)
  expect(await states()).toEqual([{ state: 'waiting', error: 'not in my ring' }])
  await later()
  newWork()
  expect(await work.next('w2'), 'it has tried').toBeNull()
  const again = must(await work.next('w1'))
  expect(again).toMatchObject({ id: task.id, attempt: 1 })
  await work.done('w1', again.id, [made('a'), made('b', 'original')])
  const { rows } = await database.query('select variant, camera, created_by from evidence order by variant')
  expect(rows).toEqual([
    { variant: 'masked', camera: 'cam', created_by: 'worker:w1' },
    { variant: 'original', camera: 'cam', created_by: 'worker:w1' },
  ])
  const changes = await database.query(
    "select payload -> 'clip' as clip, payload -> 'picture' as picture from changes where key = $1",
    [alertId],
  )
  expect(changes.rows).toEqual([{ clip: 'ready', picture: { camera: 'cam', kind: 'clip', state: 'ready' } }])
})

test('nobody left who could have it: it fails, but only ten minutes after that was noticed', async () => {
  await worker('w1', '1 hour')
  await worker('w2')
  // Long ago, as after an outage of the database: that alone says nothing of w1.
  await clip('w1', 3_600)
  expect(await work.next('w2')).toBeNull()
  expect(await states()).toEqual([{ state: 'waiting', error: null }])
  await database.query("update picture_requests set absent_since = now() - interval '9 min'")
  newWork()
  await work.next('w2')
  expect(await states()).toMatchObject([{ state: 'waiting' }])
  await worker('w1')
  newWork()
  await work.next('w2')
  expect((await database.query('select absent_since from picture_requests')).rows).toEqual([
    { absent_since: null },
  ])
  await worker('w1', '1 hour')
  newWork()
  await work.next('w2')
  await database.query("update picture_requests set absent_since = absent_since - interval '11 min'")
  newWork()
  await work.next('w2')
  expect(await states()).toEqual([
    { state: 'failed', error: 'worker w1, whose disk has the recording, is away' },
  ])
  expect(metrics.counts.get('pictures_failed_total{kind=clip}')).toBe(1)
})

test('a worker that nobody knows is not waited for', async () => {
  await worker('w2')
  await lease('cam', 'w2')
  await clip('seeded')
  await work.failed('w2', must(await work.next('w2')).id, 'not in my ring', true)
  newWork()
  await work.next('w2')
  expect(await states()).toEqual([
    { state: 'failed', error: 'not in my ring; worker seeded, whose disk has the recording, is away' },
  ])
})

test('workers that ask at once never get the same task', async () => {
  const workers = ['w1', 'w2', 'w3', 'w4']
  for (const name of workers) await worker(name)
  for (let i = 0; i < 24; i++) await clip(workers[i % 4] ?? null)
  const given = await Promise.all(
    workers.flatMap((name) => Array.from({ length: 8 }, async () => ({ name, task: await work.next(name) }))),
  )
  const tasks = given.filter(({ task }) => task)
  expect(tasks).toHaveLength(24)
  expect(new Set(tasks.map(({ task }) => task?.id)).size).toBe(24)
  await Promise.all(tasks.map(({ name, task }) => work.done(name, task?.id ?? '', [made(task?.id ?? '')])))
  expect(new Set((await states()).map(({ state }) => state))).toEqual(new Set(['done']))
})

test('a task is its worker for some minutes; who asks again has given it up; it is written once', async () => {
  await worker('w1')
  await lease('cam', 'w1')
  await clip(null)
  const task = must(await work.next('w1'))
  await lease('cam', 'w2')
  await later()
  await database.query('update picture_requests set worker = null')
  expect(await work.next('w2'), 'w1 has it').toBeNull()
  await lease('cam', 'w1')
  expect(await work.next('w1')).toMatchObject({ id: task.id, attempt: 2 })
  await lease('cam', 'w2')
  await later()
  await database.query("update picture_requests set claimed_until = now() - interval '1 s'")
  expect(await work.next('w2')).toMatchObject({ id: task.id, attempt: 3 })
  await work.done('w1', task.id, [made('a')])
  expect(await database.query('select 1 from evidence')).toMatchObject({ rowCount: 0 })
  await work.done('w2', task.id, [made('b')])
  await work.done('w2', task.id, [made('c')])
  await work.failed('w2', task.id, 'too late', true)
  expect((await database.query('select sha256 from evidence')).rows).toEqual([{ sha256: 'b'.repeat(64) }])
  expect(await states()).toMatchObject([{ state: 'done' }])
  expect(metrics.counts.get('pictures_ignored_total{}')).toBe(3)
})

test('one that ends its worker each time is given up after five times', async () => {
  await worker('w1')
  await clip('w1')
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await work.next('w1')).toMatchObject({ attempt })
    await later()
  }
  expect(await work.next('w1')).toBeNull()
  await database.query("update picture_requests set claimed_until = now() - interval '1 s'")
  newWork()
  expect(await work.next('w1')).toBeNull()
  expect(await states()).toEqual([{ state: 'failed', error: 'a worker took it 5 times and never answered' }])
})

test('a camera that was never configured has no picture', async () => {
  await clip('w1')
  await database.query('delete from config_objects')
  expect(await work.next('w1')).toBeNull()
  expect(await states()).toEqual([{ state: 'failed', error: 'its camera is no longer configured' }])
})

test("a sensor's alert asks once for the cameras near it, of who held them at the moment; stills come first", async () => {
  const names = ['near', 'far', 'free']
  for (const camera of names) await configure(camera)
  await lease('near', 'w2')
  await lease('far', 'w2')
  const moment = Date.now() - 60_000
  await database.query(
    `insert into coverage (camera, worker, epoch, from_at, to_at, state)
     values ('near', 'w1', 1, now() - interval '1 hour', now() - interval '30 s', 'online'),
            ('near', 'w2', 2, now() - interval '20 s', now(), 'online')`,
  )
  const alertId = await alert('sensor')
  const asked = { alertId, cameras: names, moment, from: moment - 10_000, to: moment + 10_000 }
  await database.transaction((tx) => requestPictures(tx, { ...asked, kinds: ['clip', 'still'] }))
  await requestPictures(database, { ...asked, cameras: ['far', 'far'], kinds: ['still', 'clip'] })
  const { rows } = await database.query(
    `select camera, kind, worker, rank, moment = from_at and moment = to_at as moment_only from picture_requests
     order by rank, kind`,
  )
  const row = (camera: string, kind: string, by: string | null, rank: number) => ({
    ...{ camera, kind, worker: by, rank, moment_only: kind === 'still' },
  })
  expect(rows).toEqual([
    ...[row('near', 'clip', 'w1', 1), row('near', 'still', 'w1', 1)],
    ...[row('far', 'clip', 'w2', 2), row('far', 'still', 'w2', 2)],
    ...[row('free', 'clip', null, 3), row('free', 'still', null, 3)],
  ])
  await worker('w1')
  await worker('w2')
  // Also before clips that wait longer.
  await database.query("update picture_requests set to_at = to_at - interval '30 s' where kind = 'clip'")
  const first = must(await work.next('w2'))
  expect([first.kind, first.camera.id, first.pinId, first.box]).toEqual(['still', 'far', null, null])
  expect(must(await work.next('w2')).kind).toBe('clip')
  // Whoever takes the third is asked then.
  await lease('free', 'w2')
  expect(must(await work.next('w2'))).toMatchObject({ kind: 'still', camera: { id: 'free' } })

  // Two black pictures have the same bytes, and are two pictures.
  const other = must(await work.next('w1'))
  await work.done('w2', first.id, [made('0')])
  await work.done('w1', other.id, [made('0')])
  expect((await database.query('select camera from evidence order by camera')).rows).toEqual([
    { camera: 'far' },
    { camera: 'near' },
  ])
  const changes = await database.query("select payload ? 'clip' as clip from changes where key = $1", [
    alertId,
  ])
  expect(changes.rows).toEqual([{ clip: false }, { clip: false }])
})

test('a pin is needed until its event is known and nothing waits for it', async () => {
  const [unknown, joined, waiting, settled] = [randomUUID(), randomUUID(), await clip('w1'), await clip('w1')]
  for (const event of [joined, waiting, settled]) {
    await database.query(
      `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, state)
       values ($1, 1, 1, false, 'cam', $2, now(), '{}')`,
      [event, waiting],
    )
  }
  await database.query("update picture_requests set state = 'failed' where pin_id = $1", [settled])
  const pins = [unknown, joined, waiting, settled, 'no-uuid']
  expect([...(await work.unneeded('w1', pins))].sort()).toEqual([joined, settled].sort())
})
