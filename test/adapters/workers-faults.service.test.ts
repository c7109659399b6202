import { afterAll, beforeAll, expect, test } from 'vitest'
import { configureCameras } from '../contract/control-plane.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type Fleet, startFleet } from './workers-fleet.ts'

const CAMERAS = 9
const WAIT_MS = 120_000

let database: TestDatabase
let fleet: Fleet
beforeAll(async () => {
  database = await createTestDatabase()
  await configureCameras(database, CAMERAS)
  fleet = await startFleet(database)
})
afterAll(async () => {
  await fleet[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const rows = async <R>(sql: string, params: readonly unknown[] = []) =>
  (await database.query<R>(sql, params)).rows
/** Asks the database until it says so. */
async function until(fact: string, sql: string, params: readonly unknown[] = []): Promise<void> {
  const end = performance.now() + WAIT_MS
  for (;;) {
    const [row] = await rows<{ yes: boolean }>(`select (${sql}) as yes`, params)
    if (row?.yes) return
    if (performance.now() > end) throw new Error(`not within ${WAIT_MS} ms: ${fact} ${fleet.errors()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('one worker killed and one frozen: their cameras run elsewhere, and who wakes up has lost them', {
  timeout: 240_000,
}, async () => {
  const killed = await fleet.start('killed')
  const frozen = await fleet.start('frozen')
  const rest = await fleet.start('rest')
  const all = [killed, frozen, rest]
  await waitUntil('three hold three cameras each', () => all.every((one) => one.held().size === 3), WAIT_MS)
  await until('every event is there', 'select count(*) = $1 from event_state where epoch = 1', [CAMERAS])
  const theirs = [...killed.held().keys(), ...frozen.held().keys()].sort()

  killed.signal('SIGKILL')
  frozen.signal('SIGSTOP')
  await waitUntil('one has all cameras', () => rest.held().size === CAMERAS, WAIT_MS)
  const handover = await rows<{ camera: string; epoch: string; seconds: number }>(
    `select camera, n.epoch, extract(epoch from n.from_at - o.to_at)::float8 as seconds
     from (select camera, epoch, min(from_at) as from_at from coverage where epoch = 2 group by camera, epoch) n
     join (select camera, max(to_at) as to_at from coverage where epoch = 1 group by camera) o using (camera) order by camera`,
  )
  expect(handover.map((row) => row.camera)).toEqual(theirs)
  for (const { camera, seconds } of handover) {
    expect(seconds, `${camera}: nobody else may have it before the lease ends`).toBeGreaterThan(19.9)
    expect(seconds, `${camera}: 20 s of lease and a call`).toBeLessThan(30)
  }
  await until(
    'its events are adopted',
    'select bool_and(epoch = 2) from event_state where source_id = any($1)',
    [theirs],
  )

  frozen.signal('SIGCONT')
  await waitUntil('who wakes up lets go', () => frozen.held().size === 0, WAIT_MS)
  await until(
    'what it said late is kept and not applied',
    `select count(*) > 0 from inbox i join events e on i.id = e.event_id || '/' || e.epoch || '.' || e.seq
     where i.outcome = 'recorded' and e.epoch = 1`,
  )
  expect(rest.held().size).toBe(CAMERAS)
  expect(
    await rows(
      `with applied as (
         select e.event_id, e.epoch, i.received_at from events e
         join inbox i on i.id = e.event_id || '/' || e.epoch || '.' || e.seq where i.outcome = 'applied')
       select a.event_id from applied a join applied b on b.event_id = a.event_id and b.epoch < a.epoch
       where b.received_at > a.received_at`,
    ),
    'nothing of the old epoch is applied after the new one',
  ).toEqual([])
  expect(await rows('select count(*)::int as n, bool_or(ended) as ended from event_state')).toEqual([
    { n: CAMERAS, ended: false },
  ])
  expect(
    await rows(
      `select a.camera from coverage a join coverage b on b.camera = a.camera and b.id > a.id
       where a.from_at < b.to_at and b.from_at < a.to_at`,
    ),
    'no two intervals of a camera overlap',
  ).toEqual([])
  expect(fleet.errors()).toBe('')
})
