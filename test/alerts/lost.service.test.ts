import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { createLostSweeper } from '../../alerts/lost/lost.ts'
import type { Database } from '../../core/ports/database.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

async function setUp(extra: { lagging?: () => boolean; through?: Database } = {}) {
  await database.query('truncate inbox, events, event_state, alerts, changes, picture_requests cascade')
  const clock = manualClock(TEST_TIME)
  const deps = { database: extra.through ?? database, clock, log: silentLog, metrics: recordingMetrics() }
  const inbox = createInbox({ ...deps, database })
  const sweeper = createLostSweeper({ ...deps, ...(extra.lagging && { lagging: extra.lagging }) })
  /** Lets time pass as the running sweeper would see it; true: something was marked on the way. */
  const pass = async (seconds: number) => {
    let marked = 0
    for (let left = seconds; left > 0; left -= 10) {
      clock.advance(10_000)
      marked += await sweeper.runOnce()
    }
    return marked
  }
  return { clock, inbox, sweeper, pass }
}
const event = hazardEvent()
const alert = async () =>
  (await database.query('select state, lost, version from alerts order by opened_at')).rows
const marks = async () =>
  (await database.query<{ lost: boolean }>('select lost_at is not null as lost from event_state')).rows

test('three missed re-sends are a mark and no end; the next message takes it back', async () => {
  const { inbox, pass } = await setUp()
  await pass(100)
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  expect(await pass(90)).toBe(0)
  expect(await pass(10)).toBe(1)
  expect(await alert()).toEqual([{ state: 'firing', lost: true, version: 2 }])
  expect(await marks()).toEqual([{ lost: true }])
  expect(await pass(60)).toBe(0)
  await inbox.receive([hazardMessage(event, { kind: 'update', seq: 2 })])
  expect(await alert()).toEqual([{ state: 'firing', lost: false, version: 3 }])
  expect(await marks()).toEqual([{ lost: false }])
  const kinds = await database.query("select payload ->> 'kind' as kind from changes order by id")
  expect(kinds.rows).toEqual([{ kind: 'opened' }, { kind: 'lost' }, { kind: 'updated' }])
})

test('an event that is sent again every 30 s is never lost', async () => {
  const { inbox, pass } = await setUp()
  for (let seq = 1; seq <= 10; seq += 1) {
    await inbox.receive([hazardMessage(event, { kind: seq === 1 ? 'start' : 'update', seq })])
    expect(await pass(30)).toBe(0)
  }
})

test('an ended event is never lost', async () => {
  const { inbox, pass } = await setUp()
  await inbox.receive([hazardMessage(event, { kind: 'end', seq: 2 })])
  expect(await pass(300)).toBe(0)
  expect(await alert()).toEqual([{ state: 'resolved', lost: false, version: 1 }])
})

test('an alert with one event that is still heard is not lost', async () => {
  const { inbox, pass } = await setUp()
  const other = hazardEvent({ startedAt: event.startedAt + 1_000 })
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  for (let seq = 1; seq <= 5; seq += 1) {
    await inbox.receive([hazardMessage(other, { kind: 'update', seq })])
    await pass(30)
  }
  expect(await marks()).toEqual(expect.arrayContaining([{ lost: true }, { lost: false }]))
  expect(await alert()).toMatchObject([{ state: 'firing', lost: false }])
  expect(await pass(100)).toBe(1)
  expect(await alert()).toMatchObject([{ lost: true }])
})

test('after a start the clock stands still for 90 s', async () => {
  const { clock, inbox } = await setUp()
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  clock.advance(3_600_000) // the program was off for an hour
  const sweeper = createLostSweeper({ database, clock, log: silentLog, metrics: recordingMetrics() })
  for (let look = 0; look < 9; look += 1) {
    expect(await sweeper.runOnce()).toBe(0)
    clock.advance(10_000)
  }
  expect(await sweeper.runOnce()).toBe(1)
})

test('while messages wait, and for 90 s after, nothing is lost', async () => {
  let lagging = true
  const { inbox, pass } = await setUp({ lagging: () => lagging })
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  expect(await pass(600)).toBe(0)
  lagging = false
  expect(await pass(80)).toBe(0)
  expect(await pass(20)).toBe(1)
})

test('after the database came back the clock stands still for 90 s', async () => {
  let away = false
  const through: Database = {
    ...database,
    query: (sql, params) =>
      away ? Promise.reject(new Error('connection refused')) : database.query(sql, params),
  }
  const { clock, inbox, pass, sweeper } = await setUp({ through })
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  await pass(50)
  away = true
  for (let look = 0; look < 10; look += 1) {
    clock.advance(10_000)
    await expect(sweeper.runOnce()).rejects.toThrow('connection refused')
  }
  away = false
  expect(await pass(80)).toBe(0)
  expect(await pass(20)).toBe(1)
})

test('a process that was stopped for a while does not blame the workers', async () => {
  const { clock, inbox, pass, sweeper } = await setUp()
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  clock.advance(120_000)
  expect(await sweeper.runOnce()).toBe(0)
  expect(await pass(80)).toBe(0)
  expect(await pass(20)).toBe(1)
})
