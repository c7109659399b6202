import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createSensorCommands } from '../../alerts/sensors/commands.ts'
import { recordingMetrics } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { at, configure, emptyTables, exceedances, PM, packet, sensorSite, series } from './sensors-fixture.ts'

// Raw readings are deleted some day; what was found while they were here stands.

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await emptyTables(database)
  await database.query('update history_rollups set raw_from = null')
  await configure(database, [PM])
})

/** As retention does: the line first, then the rows. The sensor had been watched for long. */
async function forgetBefore(minute: number): Promise<void> {
  await database.query("update history_rollups set raw_from = $1 where name = 'reading_hours'", [
    new Date(at(minute)),
  ])
  await database.query('delete from readings where at < $1', [new Date(at(minute))])
  await database.query('update sensor_state set watched_since = $1', [new Date(at(-1_000))])
}

const mark = (from: number, to: number) =>
  createSensorCommands({
    ...{ database, clock: systemClock, metrics: recordingMetrics() },
    inbox: sensorSite(database).inbox,
  }).mark(
    'pm',
    {
      from: new Date(at(from)).toISOString(),
      to: new Date(at(to)).toISOString(),
      flag: 'D',
      reason: '仪器故障',
    },
    { kind: 'person', name: 'duty', roles: ['operator'], department: null },
  )

const OLD = { since: 0, startedAt: 3, endedAt: 4, peak: 160 }

test('a reading from before what is kept takes nothing back that was told of that time', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160, 160, 160, 160, 50, 60]))
  await readings.receive(series(3_000, [50, 60, 50]))
  await forgetBefore(2_000)
  await readings.receive([packet(1_990, 140), packet(2_100, 130)])
  expect(await exceedances(database)).toEqual([OLD])
})

test('a mark over all that is kept changes nothing of what is not, and takes back what is', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160, 160, 160, 160, 50]))
  await readings.receive(series(3_000, [50, 160, 160, 160, 170, 50]))
  await forgetBefore(2_000)
  await mark(0, 3_010)
  expect(await exceedances(database)).toEqual([OLD])
})

test('an exceedance that goes on since before what is kept goes on, whatever comes late', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160, 160, 160, 160, 160]))
  for (const minute of [1_000, 2_000, 3_000]) await readings.receive(series(minute, [160, 160]))
  await forgetBefore(1_500)
  await mark(2_000, 2_000)
  await readings.receive([packet(1_600, 155), packet(3_002, 180)])
  expect(await exceedances(database)).toEqual([{ ...OLD, endedAt: null, peak: 180 }])
  await readings.receive(series(3_003, [50]))
  expect(await exceedances(database)).toEqual([{ ...OLD, endedAt: 3_003, peak: 180 }])
})

test('what a new sensor sends first can be marked although older days were deleted', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(3_000, [160, 160, 160, 160, 170]))
  await database.query("update history_rollups set raw_from = $1 where name = 'reading_hours'", [
    new Date(at(2_000)),
  ])
  await mark(3_000, 3_004)
  expect(await exceedances(database)).toEqual([])
})
