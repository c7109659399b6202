import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../core/ports/database.ts'
import { readingsMessageSchema } from '../../core/reading.ts'
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

const rows = async <R = Record<string, unknown>>(sql: string) => (await database.query<R>(sql)).rows
const count = async (table: string) =>
  Number((await rows<{ n: string }>(`select count(*) as n from ${table}`))[0]?.n)
const alerts = () => rows('select state, severity, occurrences from alerts order by opened_at')

test('over the limit for long enough: one alert with its true beginning, its place and its numbers', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [90, 160, 170]))
  expect(await count('alerts')).toBe(0)
  await readings.receive(series(3, [180, 200]))
  const [alert] = await rows('select * from alerts')
  expect(alert).toMatchObject({
    source_kind: 'sensor',
    source_id: 'pm',
    type: 'exceedance',
    zone: null,
    rule_id: 'limit',
    severity: 3,
    state: 'firing',
    purpose: 'environment',
    place: { lon: 114.48, lat: 38.03, address: '学府路 1 号', datum: 'GCJ-02' },
    since: new Date(at(1)),
    started_at: new Date(at(4)),
    score: 1,
    cause: {
      clock: { kind: 'device', errorMs: 1_000 },
      measured: { value: 200, peak: 200, lastedMs: 180_000 },
      thresholds: { above: 150, clear: 120, forMs: 180_000 },
    },
  })
  expect(await rows("select topic, payload ->> 'kind' as kind from changes where topic <> 'config'")).toEqual(
    [{ topic: 'alert', kind: 'opened' }],
  )
})

test('it ends at `clear`, not at the limit', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160, 170, 180, 190, 140, 121, 130]))
  expect(await alerts()).toMatchObject([{ state: 'firing' }])
  await readings.receive(series(7, [120]))
  expect(await alerts()).toMatchObject([{ state: 'resolved' }])
  expect(await rows("select cause ->> 'endReason' as why, resolved_at from alerts")).toEqual([
    { why: 'back within the limit', resolved_at: new Date(at(7)) },
  ])
})

test('a message delivered again, and a packet sent again, change nothing', async () => {
  const { readings, metrics } = sensorSite(database)
  const story = series(0, [160, 170, 180, 190, 200])
  await readings.receive([...story, ...story])
  const before = await rows('select * from sensor_state')
  await readings.receive(story)
  // The same readings in packets of their own.
  await readings.receive(story.map((one, n) => ({ ...one, id: `again-${n}` })))
  expect(await count('readings')).toBe(5)
  expect(await count('reading_marks')).toBe(0)
  expect(await alerts()).toEqual([{ state: 'firing', severity: 3, occurrences: 1 }])
  expect(await rows('select * from sensor_state')).toEqual(before)
  expect(metrics.counts.get('readings_messages_total{outcome=duplicate}')).toBe(10)
  expect(metrics.counts.get('readings_total{outcome=stored}')).toBe(5)
})

test('readings of factors that nobody configured are kept and judged by nobody', async () => {
  const { readings } = sensorSite(database)
  await readings.receive([packet(0, 3, { factor: 'LA' }), packet(1, 900, { device: 'unknown' })])
  expect(await count('readings')).toBe(2)
  expect(await count('sensor_state')).toBe(0)
})

test('values are judged in the unit of the sensor and kept as they were sent', async () => {
  await configure(database, [{ ...PM, scale: 0.001 }])
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160_000, 170_000, 180_000, 190_000]))
  expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: null, peak: 190 }])
  expect(await rows('select max(value) as max from readings')).toEqual([{ max: 190_000 }])
})

test('flagged readings neither begin nor end an exceedance', async () => {
  const { readings } = sensorSite(database)
  for (const flag of ['D', 'M', 'C', 'F', 'B', 'what'])
    await readings.receive([packet(0, 160, { flag }), ...[1, 2, 3, 4].map((m) => packet(m, 500, { flag }))])
  expect(await count('sensor_episodes')).toBe(0)
  await readings.receive(series(10, [160, 160, 160, 160]))
  await readings.receive([packet(14, 5, { flag: 'D' }), packet(15, 5, { flag: 'C' })])
  expect(await exceedances(database)).toEqual([{ since: 10, startedAt: 13, endedAt: null, peak: 160 }])
  // Over the measuring range is over the limit.
  await readings.receive([packet(16, 1_000, { flag: 'T' })])
  expect(await rows("select judgement -> 'spell' ->> 'peak' as peak from sensor_state")).toEqual([
    { peak: '1000' },
  ])
})

test('a reading from a clock that is far ahead is kept and judged by nobody', async () => {
  const { readings, metrics } = sensorSite(database)
  await readings.receive([packet(10_000, 500, { receivedAt: at(0) }), ...series(0, [160, 160, 160, 160])])
  expect(await exceedances(database)).toMatchObject([{ since: 0, startedAt: 3 }])
  expect(await count('readings')).toBe(5)
  expect(metrics.counts.get('readings_unjudged_total{why=clock}')).toBe(1)
})

test('a hole of more than three readings breaks what has not lasted yet, and not what has', async () => {
  const { readings } = sensorSite(database)
  await readings.receive([packet(0, 160), packet(1, 160), ...series(6, [160, 160])])
  expect(await count('sensor_episodes')).toBe(0)
  await readings.receive([packet(8, 160), packet(9, 160), packet(60, 160)])
  expect(await exceedances(database)).toEqual([{ since: 6, startedAt: 9, endedAt: null, peak: 160 }])
  // After more than a day without a word it is not carried on.
  await readings.receive([packet(60 + 25 * 60, 100)])
  expect(await exceedances(database)).toMatchObject([{ since: 6, endedAt: 60 }])
  expect(await rows("select cause ->> 'endReason' as why from alerts")).toEqual([
    { why: 'no readings any more' },
  ])
})

describe('late readings', () => {
  test('an exceedance that is found days late is told with its true time, open and resolved in one go', async () => {
    const transitions: string[] = []
    const { readings } = sensorSite(database, {
      onTransition: async (_tx, alert, transition) => void transitions.push(`${transition} ${alert.state}`),
    })
    await readings.receive(series(4_000, [50, 60]))
    await readings.receive(series(0, [160, 200, 160, 160, 160, 50]))
    expect(transitions).toEqual(['opened firing', 'resolved resolved'])
    expect(await rows('select since, started_at, resolved_at, state from alerts')).toEqual([
      {
        since: new Date(at(0)),
        started_at: new Date(at(3)),
        resolved_at: new Date(at(5)),
        state: 'resolved',
      },
    ])
  })

  test('what missing readings deny is withdrawn', async () => {
    const { readings } = sensorSite(database)
    await readings.receive([packet(0, 160), packet(3, 170)])
    expect(await alerts()).toMatchObject([{ state: 'firing' }])
    await readings.receive([packet(2, 100)])
    expect(await alerts()).toMatchObject([{ state: 'resolved' }])
    expect(await exceedances(database)).toEqual([])
    expect(await rows("select cause ->> 'endReason' as why from alerts")).toEqual([
      { why: 'withdrawn: readings that came late say otherwise' },
    ])
    expect(await rows("select payload ->> 'kind' as kind from changes where topic = 'sensor'")).toEqual([
      { kind: 'withdrawn' },
    ])
  })

  test('an exceedance that was thought to be over goes on under another event, with its true beginning', async () => {
    const { readings } = sensorSite(database)
    await readings.receive([...series(0, [160, 160, 160, 160]), packet(10, 160), packet(11, 100)])
    expect(await alerts()).toMatchObject([{ state: 'resolved' }])
    // The device corrects the reading that ended it, and says that it goes on.
    await readings.receive([packet(11, 100, { flag: 'D', receivedAt: at(12) }), packet(12, 170)])
    expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: null, peak: 170 }])
    expect(
      await rows('select void, ended_at is null as open from sensor_episodes order by seq desc, ended_at'),
    ).toEqual([
      { void: 'replaced', open: false },
      { void: null, open: true },
    ])
    expect(await rows('select state, since from alerts order by opened_at')).toEqual([
      { state: 'resolved', since: new Date(at(0)) },
      { state: 'firing', since: new Date(at(0)) },
    ])
  })
})

test('a reading that the device sends again with another flag is a mark of the device', async () => {
  const { readings, metrics } = sensorSite(database)
  await readings.receive(series(0, [160, 160, 160, 160]))
  await readings.receive([packet(3, 160, { flag: 'D', receivedAt: at(5) })])
  expect(await alerts()).toMatchObject([{ state: 'resolved' }])
  expect(await rows("select cause ->> 'endReason' as why from alerts")).toEqual([
    { why: 'withdrawn: data marked invalid' },
  ])
  expect(await rows('select flag, actor_kind, actor, from_at, reason from reading_marks')).toEqual([
    {
      flag: 'D',
      actor_kind: 'device',
      actor: 'pm',
      from_at: new Date(at(3)),
      reason: 'sent again with another flag',
    },
  ])
  expect(await rows('select distinct flag from readings')).toEqual([{ flag: null }])
  expect(metrics.counts.get('exceedances_withdrawn_total{}')).toBe(1)
})

test('another value for the same moment is written down, and the first one counts', async () => {
  const { readings } = sensorSite(database)
  await readings.receive(series(0, [160, 160, 160]))
  await readings.receive([packet(3, 160), packet(3, 20, { receivedAt: at(4) })])
  expect(await exceedances(database)).toMatchObject([{ since: 0, endedAt: null }])
  expect(await rows('select value, flag, reason from reading_marks')).toEqual([
    { value: 20, flag: null, reason: 'sent again with another value' },
  ])
})

describe('the configuration changes', () => {
  test('another limit judges readings from then on', async () => {
    const { readings } = sensorSite(database)
    await readings.receive(series(0, [160, 160, 160, 160]))
    await configure(database, [{ ...PM, limit: { above: 250, for: '1m' } }])
    await readings.receive(series(4, [260]))
    expect(await rows("select state, cause ->> 'endReason' as why from alerts")).toEqual([
      { state: 'resolved', why: 'the limit was changed' },
    ])
    await readings.receive([packet(5, 270), packet(2, 900, { factor: 'a34004', receivedAt: at(6) })])
    expect(await exceedances(database)).toMatchObject([{ since: 0 }, { since: 4, startedAt: 5, peak: 270 }])
  })

  test('another name or severity is no other limit', async () => {
    const { readings } = sensorSite(database)
    await readings.receive(series(0, [160, 160, 160, 160]))
    await configure(database, [{ ...PM, severity: 2, name: { zh: '一', en: 'One' } }])
    await readings.receive(series(4, [170, 180]))
    expect(await alerts()).toEqual([{ state: 'firing', severity: 2, occurrences: 1 }])
  })

  test('another device behind the same name begins anew', async () => {
    const { topic: _, ...rest } = PM
    await configure(database, [{ ...rest, source: 'hj212', mn: 'MN1' }])
    const { readings } = sensorSite(database)
    await readings.receive([0, 1, 2, 3].map((minute) => packet(minute, 160, { device: 'MN1' })))
    await configure(database, [{ ...rest, source: 'hj212', mn: 'MN2' }])
    await readings.receive([4, 5, 6, 7].map((minute) => packet(minute, 200, { device: 'MN2' })))
    expect(await exceedances(database)).toMatchObject([
      { since: 0, peak: 160 },
      { since: 4, endedAt: null, peak: 200 },
    ])
    expect(await rows('select device from sensor_state')).toEqual([{ device: 'MN2' }])
  })
})

describe('means', () => {
  const hour = (h: number, value: number, more = {}) =>
    packet(h * 60, value, { period: 'hour', statistic: 'avg', receivedAt: at(h * 60 + 60), ...more })

  test('a device that sends only means is judged by them', async () => {
    await configure(database, [{ ...PM, limit: { above: 150, for: '2h' } }])
    const { readings } = sensorSite(database)
    await readings.receive([hour(0, 160), hour(0, 900, { statistic: 'max' }), hour(1, 170), hour(2, 180)])
    expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 120, endedAt: null, peak: 180 }])
  })

  test('where values come too, they count; one answer to one question is no series', async () => {
    await configure(database, [{ ...PM, limit: { above: 150, for: '2h' } }])
    const { readings } = sensorSite(database)
    await readings.receive([hour(0, 160), hour(1, 160), packet(121, 20), hour(2, 160)])
    expect(await exceedances(database)).toMatchObject([{ since: 0, endedAt: null }])
    await readings.receive([packet(300, 20), packet(301, 20)])
    expect(await rows("select judgement ->> 'period' as period from sensor_state")).toEqual([
      { period: 'instant' },
    ])
    expect(await rows("select cause ->> 'endReason' as why from alerts")).toEqual([
      { why: 'judged by another series of the device' },
    ])
    // The values stop: the means count again.
    await readings.receive([
      hour(6, 160),
      hour(7, 160),
      hour(8, 160),
      hour(9, 160),
      hour(10, 160),
      hour(11, 160),
    ])
    expect((await exceedances(database)).at(-1)).toMatchObject({ endedAt: null, peak: 160 })
  })
})

test('a bad message is a dead letter with its bytes, the rest of its batch commits', async () => {
  const { readings, metrics } = sensorSite(database)
  const nul = packet(1, 1, { flag: 'a\0b' })
  const farAway = packetOf('pm', at(0), [
    { factor: 'a34004', period: 'instant', statistic: 'value', at: 9e15, value: 1, flag: null },
  ])
  const noSchema = { ...packet(2, 2), specversion: '0.3' }
  const bytes = Buffer.from('{"not json')
  const good = Array.from({ length: 20 }, (_, n) => packet(n + 10, 10, { device: `d${n}` }))
  const batch: unknown[] = [...good.map((one) => Buffer.from(JSON.stringify(one)))]
  batch.splice(3, 0, nul, noSchema)
  batch.splice(11, 0, bytes, farAway)
  const refused = await readings.receive(batch)
  expect(refused.map(({ index }) => index).sort((a, b) => a - b)).toEqual([3, 4, 11, 12])
  expect(await count('readings')).toBe(20)
  const letters = await rows<{ topic: string; bytes: Buffer; error: string }>(
    'select topic, bytes, error from dead_letters',
  )
  const byBytes = new Map(letters.map((row) => [row.bytes.toString(), row.error]))
  expect(new Set(letters.map(({ topic }) => topic))).toEqual(new Set(['sensor.readings.v1']))
  expect(byBytes.get(JSON.stringify(noSchema))).toMatch(/specversion/)
  expect(byBytes.get('{"not json')).toMatch(/not JSON/)
  expect(byBytes.get(JSON.stringify(farAway))).toMatch(/Invalid time value/)
  expect(byBytes.get(JSON.stringify(nul))).toMatch(/0x00|SQLSTATE 22/)
  expect(metrics.counts.get('dead_letters_total{topic=sensor.readings.v1}')).toBe(4)
})

test('a value that nothing measures is no reading: it would break the statistics of its hour', async () => {
  const { readings } = sensorSite(database)
  await readings.receive([packet(1, 1e200), packet(2, -1e200), packet(3, 1e30), packet(4, -1e30)])
  expect(await rows('select value from readings order by at')).toEqual([{ value: 1e30 }, { value: -1e30 }])
  // As the rollups do; with the other two it is "value out of range: overflow".
  expect(await rows('select avg(value) from readings')).toEqual([{ avg: 0 }])
  expect(await rows('select error from dead_letters limit 1')).toMatchObject([
    { error: expect.stringMatching(/value: nothing that is measured/) },
  ])
})

const failing = (error: Error): Database => ({
  ...database,
  transaction: (work) =>
    database.transaction(async (tx) => {
      await work(tx)
      throw error
    }),
})

test.each([
  ['the connection breaks', new Error('Connection terminated unexpectedly')],
  ['a column is missing', Object.assign(new Error('no column'), { code: '42703' })],
])('when %s no message is to blame: the sender keeps them all', async (_, error) => {
  const story = series(0, [160, 160, 160, 160])
  await expect(sensorSite(failing(error)).readings.receive(story)).rejects.toBe(error)
  expect([await count('readings'), await count('inbox'), await count('alerts')]).toEqual([0, 0, 0])
  expect(await count('dead_letters')).toBe(0)
  await sensorSite(database).readings.receive(story)
  expect(await count('alerts')).toBe(1)
})

test('keys that a newer writer adds are no fault', () => {
  expect(readingsMessageSchema.safeParse({ ...packet(0, 1), extra: 1 }).success).toBe(true)
})
