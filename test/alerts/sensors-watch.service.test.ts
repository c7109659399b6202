import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLostSweeper } from '../../alerts/lost/lost.ts'
import { createSensorWatch } from '../../alerts/sensors/watch.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import {
  at,
  configure,
  emptyTables,
  exceedances,
  PM,
  packet,
  packetOf,
  sensorSite,
  series,
} from './sensors-fixture.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await emptyTables(database)
  await configure(database, [PM])
})

const rows = async (sql: string) => (await database.query(sql)).rows
const faults = () =>
  rows(`select state, cause ->> 'endReason' as why, cause -> 'measured' as measured
          from alerts where type = 'sensor_fault' order by opened_at`)

function site(extra: { lagging?: () => boolean } = {}) {
  const clock = manualClock(at(0))
  const { inbox, readings } = sensorSite(database, { clock })
  const deps = { database, inbox, clock, log: silentLog, metrics: recordingMetrics() }
  const watch = createSensorWatch({ ...deps, ...(extra.lagging && { lagging: extra.lagging }) })
  /** Lets time pass as the running watch sees it. */
  const pass = async (seconds: number, look = watch) => {
    for (let left = seconds; left > 0; left -= 5) {
      clock.advance(5_000)
      await look.runOnce()
    }
  }
  const now = () => (clock.now() - at(0)) / 60_000
  /** A reading of this moment. */
  const say = (value: number, more = {}) => packet(now(), value, { receivedAt: clock.now(), ...more })
  const status = (word: 'online' | 'offline') => packetOf('pm', clock.now(), [], word)
  return { clock, readings, watch, pass, say, status, deps }
}

test('silence of three readings is a fault; the next reading ends it', async () => {
  const { readings, pass, say } = site()
  await pass(35)
  await readings.receive([say(10)])
  await pass(180)
  expect(await faults()).toEqual([])
  await pass(5)
  expect(await faults()).toEqual([{ state: 'firing', why: null, measured: { silenceMs: 185_000 } }])
  expect(
    await rows(
      'select severity, since, clock from (select severity, since, cause -> $$clock$$ as clock from alerts) a',
    ),
  ).toEqual([{ severity: 4, since: new Date(at(35 / 60)), clock: { kind: 'arrival', errorMs: 0 } }])
  await pass(60)
  await readings.receive([say(10)])
  await pass(5)
  expect(await faults()).toMatchObject([{ state: 'resolved', why: 'the sensor is heard again' }])
  await pass(170)
  expect(await faults()).toHaveLength(1)
})

test('a sensor that never said anything is silent too; without `every` silence says nothing', async () => {
  const { every: _, ...quiet } = PM
  await configure(database, [PM, { ...quiet, id: 'quiet', topic: 'q' }])
  const { pass } = site()
  await pass(300)
  expect(await rows('select source_id from alerts')).toEqual([{ source_id: 'pm' }])
})

test('a will is a fault before the silence is; a short one is none; another birth ends it', async () => {
  const { readings, pass, say, status } = site()
  await pass(35)
  await readings.receive([say(10), status('offline')])
  await pass(20)
  await readings.receive([status('online')])
  await pass(20)
  expect(await faults()).toEqual([])
  await readings.receive([status('offline')])
  await pass(40)
  expect(await faults()).toMatchObject([{ state: 'firing', measured: { offlineMs: 35_000 } }])
  await readings.receive([status('online'), say(10)])
  await pass(5)
  expect(await faults()).toMatchObject([{ state: 'resolved' }])
})

test('nothing but fault flags for ten minutes is a fault; maintenance is none', async () => {
  const { readings, pass, say } = site()
  await pass(35)
  const talk = async (minutes: number, flag: string) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await readings.receive([say(0, { flag })])
      await pass(60)
    }
  }
  await talk(15, 'M')
  expect(await faults()).toEqual([])
  await talk(10, 'D')
  expect(await faults()).toEqual([])
  await talk(1, 'D')
  expect(await faults()).toMatchObject([{ state: 'firing', measured: { unusableMs: expect.any(Number) } }])
  await talk(1, 'N')
  expect(await faults()).toMatchObject([{ state: 'resolved' }])
})

describe('an outage of ours is nobody’s silence', () => {
  test('after a start nothing is silent before it was listened to for as long', async () => {
    const first = site()
    await first.pass(35)
    await first.readings.receive([first.say(10)])
    first.clock.advance(3_600_000)
    const watch = createSensorWatch(first.deps)
    await first.pass(30 + 180, watch)
    expect(await faults()).toEqual([])
    await first.pass(5, watch)
    expect(await faults()).toHaveLength(1)
  })

  test('while messages wait nothing begins, and an open fault does not end by that', async () => {
    let lagging = false
    const { pass } = site({ lagging: () => lagging })
    await pass(300)
    expect(await faults()).toHaveLength(1)
    await configure(database, [PM, { ...PM, id: 'other', topic: 'o' }])
    await pass(5)
    lagging = true
    await pass(900)
    lagging = false
    await pass(30 + 180)
    expect(await rows('select source_id, state from alerts')).toEqual([{ source_id: 'pm', state: 'firing' }])
    await pass(5)
    expect(await rows('select source_id from alerts order by 1')).toHaveLength(2)
  })
})

test('an exceedance whose sensor is silent for a day ends where it was seen last; what comes later says how it was', async () => {
  const { clock, readings, pass, deps } = site()
  await readings.receive(series(0, [160, 160, 160, 160]))
  clock.advance(25 * 3_600_000)
  const watch = createSensorWatch(deps)
  await pass(40, watch)
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: 3, peak: 160 }])
  expect(await rows("select cause ->> 'endReason' as why from alerts where type = 'exceedance'")).toEqual([
    { why: 'no readings any more' },
  ])
  // It went on, and the device had kept it.
  await readings.receive(series(4, [170, 180]))
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: null, peak: 180 }])
  await readings.receive(series(6, [20]))
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: 6, peak: 180 }])
})

test('a sensor that leaves the configuration, or loses its limit, leaves nothing open', async () => {
  const { readings, pass } = site()
  await readings.receive(series(0, [160, 160, 160, 160]))
  await pass(3 * 60 + 185)
  expect(await rows('select type, state from alerts order by type')).toEqual([
    { type: 'exceedance', state: 'firing' },
    { type: 'sensor_fault', state: 'firing' },
  ])
  const { limit: _, ...plain } = PM
  await configure(database, [plain])
  await pass(5)
  expect(
    await rows("select type, state, cause ->> 'endReason' as why from alerts order by type"),
  ).toMatchObject([
    { type: 'exceedance', state: 'resolved', why: 'the limit was changed' },
    { type: 'sensor_fault', state: 'firing' },
  ])
  await configure(database, [])
  await pass(5)
  expect(await rows('select distinct state from alerts')).toEqual([{ state: 'resolved' }])
  expect(await rows('select from sensor_episodes where ended_at is null')).toEqual([])
})

test('two watches at once tell everything once', async () => {
  const { deps, clock } = site()
  const watches = [createSensorWatch(deps), createSensorWatch(deps), createSensorWatch(deps)]
  for (let look = 0; look < 60; look += 1) {
    clock.advance(5_000)
    await Promise.all(watches.map((watch) => watch.runOnce()))
  }
  expect(await rows('select occurrences, state from alerts')).toEqual([{ occurrences: 1, state: 'firing' }])
})

test("a sensor's open event is not lost because nobody sends it again", async () => {
  const { clock, readings } = site()
  await readings.receive(series(0, [160, 160, 160, 160]))
  const sweeper = createLostSweeper({ database, clock, log: silentLog, metrics: recordingMetrics() })
  for (let look = 0; look < 60; look += 1) {
    clock.advance(10_000)
    expect(await sweeper.runOnce()).toBe(0)
  }
  expect(await rows('select lost from alerts')).toEqual([{ lost: false }])
})
