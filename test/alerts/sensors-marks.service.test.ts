import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createSensorCommands } from '../../alerts/sensors/commands.ts'
import type { Actor } from '../../core/actor.ts'
import { recordingMetrics } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { at, configure, emptyTables, exceedances, PM, packet, sensorSite, series } from './sensors-fixture.ts'

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
const person = (...roles: readonly ('operator' | 'admin' | 'officer')[]): Actor => ({
  kind: 'person',
  name: roles.join('-'),
  roles,
  department: null,
})
const operator = person('operator')

function site() {
  const { inbox, readings } = sensorSite(database)
  const commands = createSensorCommands({ database, inbox, clock: systemClock, metrics: recordingMetrics() })
  const mark = (from: number, to: number, flag: 'D' | 'N' | 'M', reason = '仪器故障', actor = operator) =>
    commands.mark(
      'pm',
      { from: new Date(at(from)).toISOString(), to: new Date(at(to)).toISOString(), flag, reason },
      actor,
    )
  return { readings, commands, mark }
}

test('readings that a person marks invalid are no basis: the exceedance is withdrawn, with a line for each fact', async () => {
  const { readings, mark } = site()
  await readings.receive(series(0, [160, 160, 160, 160, 170]))
  const { id } = await mark(1, 4, 'D')
  expect(await rows("select state, cause ->> 'endReason' as why from alerts")).toEqual([
    { state: 'resolved', why: 'withdrawn: data marked invalid' },
  ])
  expect(await exceedances(database)).toEqual([])
  expect(await rows('select id, from_at, to_at, flag, reason, actor_kind, actor from reading_marks')).toEqual(
    [
      {
        id,
        from_at: new Date(at(1)),
        to_at: new Date(at(4)),
        flag: 'D',
        reason: '仪器故障',
        actor_kind: 'person',
        actor: 'operator',
      },
    ],
  )
  const changes = await rows(
    `select topic, key, payload ->> 'kind' as kind, payload ->> 'actor' as actor from changes
      where payload ->> 'kind' not in ('opened', 'updated') order by id`,
  )
  expect(changes).toEqual([
    { topic: 'alert', key: expect.any(String), kind: 'resolved', actor: null },
    { topic: 'sensor', key: 'pm', kind: 'marked', actor: 'operator' },
    { topic: 'sensor', key: 'pm', kind: 'withdrawn', actor: null },
  ])
  expect(await rows('select value, flag from readings order by at limit 1')).toEqual([
    { value: 160, flag: null },
  ])
})

test('a later mark says otherwise: the exceedance stands again, with its true beginning', async () => {
  const { readings, mark } = site()
  await readings.receive(series(0, [160, 160, 160, 160, 170]))
  await mark(0, 4, 'M', '标定')
  await mark(0, 4, 'N', '标定未进行')
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: null, peak: 170 }])
  expect(await rows('select state from alerts order by opened_at')).toEqual([
    { state: 'resolved' },
    { state: 'firing' },
  ])
})

test('a mark on readings of last week changes what was told of last week, and nothing of today', async () => {
  const { readings, mark } = site()
  await readings.receive(series(0, [160, 160, 160, 160, 50]))
  await readings.receive(series(9_000, [160, 160, 160, 160]))
  await mark(0, 3, 'D')
  expect(await exceedances(database)).toMatchObject([{ since: 9_000, endedAt: null }])
  expect(await rows('select state, occurrences from alerts order by opened_at')).toEqual([
    { state: 'resolved', occurrences: 1 },
    { state: 'firing', occurrences: 1 },
  ])
  expect(await rows('select void, ended_at is null as open from sensor_episodes order by since')).toEqual([
    { void: 'withdrawn', open: false },
    { void: null, open: true },
  ])
})

test('a mark also holds for readings that come after it', async () => {
  const { readings, mark } = site()
  await mark(0, 10, 'M')
  await readings.receive(series(0, [160, 160, 160, 160, 160]))
  expect(await exceedances(database)).toEqual([])
})

test('a mark that turns a break into none joins what was two', async () => {
  const { readings, mark } = site()
  await readings.receive(series(0, [160, 160, 160, 160, 100, 160, 160, 160, 160]))
  expect(await exceedances(database)).toHaveLength(2)
  await mark(4, 4, 'C' as 'M')
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: null, peak: 160 }])
  expect(await rows('select state, occurrences from alerts order by opened_at')).toEqual([
    { state: 'resolved', occurrences: 1 },
    { state: 'firing', occurrences: 1 },
  ])
})

test("a device's later word does not lift a person's", async () => {
  const { readings, mark } = site()
  await readings.receive(series(0, [160, 160, 160, 160]))
  await mark(0, 3, 'D')
  await readings.receive([packet(3, 160, { flag: 'N', receivedAt: at(9) })])
  expect(await exceedances(database)).toEqual([])
})

test.each([
  ['rights come first', person('officer'), 'nothing', { flag: 'what' }, 'forbidden'],
  ['then existence', operator, 'nothing', { flag: 'what' }, 'not_found'],
  ['then content: the flag', operator, 'pm', { flag: 'what' }, 'invalid'],
  ['the order of times', operator, 'pm', { from: '2026-03-02T00:00:00Z' }, 'invalid'],
  ['the length', person('admin'), 'pm', { from: '2026-01-01T00:00:00Z' }, 'invalid'],
  ['the reason', operator, 'pm', { reason: ' ' }, 'invalid'],
  ['the future', operator, 'pm', { from: '2099-01-01T00:00:00Z', to: '2099-01-02T00:00:00Z' }, 'invalid'],
])('checks: %s', async (_, actor, sensor, wrong, code) => {
  const { commands } = site()
  const input = {
    from: '2026-03-01T00:00:00Z',
    to: '2026-03-01T01:00:00Z',
    flag: 'D',
    reason: 'no',
    ...wrong,
  } as Parameters<typeof commands.mark>[1]
  await expect(commands.mark(sensor, input, actor)).rejects.toMatchObject({ code })
  expect(await rows('select from reading_marks')).toEqual([])
})
