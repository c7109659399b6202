import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { createReadingsInbox } from '../../alerts/sensors/inbox.ts'
import { createSensorWatch } from '../../alerts/sensors/watch.ts'
import { marksShape, readingsShape, sensorItemShape, sensorsShape } from '../../core/api/sensors.ts'
import { alertDetailShape } from '../../core/api/shapes.ts'
import type { Reading } from '../../core/reading.ts'
import { configure, packetOf } from '../alerts/sensors-fixture.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { CITY, startDashboard, type TestDashboard } from './dashboard.ts'

const MINUTE = 60_000
/** The readings of the tests end now, on a whole minute. */
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
const at = (minutesAgo: number) => NOW - minutesAgo * MINUTE
const iso = (minutesAgo: number) => new Date(at(minutesAgo)).toISOString()

const PM = {
  id: 'pm',
  name: { zh: '一号站', en: 'Station 1' },
  source: 'mqtt',
  topic: 'sensors/pm',
  factor: 'a34004',
  unit: 'ug/m3',
  scale: 0.001,
  every: '1m',
  limit: { above: 150, for: '3m', clear: 120 },
  place: { lon: 114.48, lat: 38.03, grid: '130104-017' },
}
const HJ = {
  ...PM,
  id: 'hj',
  name: undefined,
  source: 'hj212',
  mn: 'MN1',
  topic: undefined,
  limit: undefined,
}
const SILENT = { ...PM, id: 'silent', topic: 'sensors/silent' }

let site: TestDashboard
beforeAll(async () => {
  site = await startDashboard()
  const { database } = site
  const plain = (sensor: object) => JSON.parse(JSON.stringify(sensor)) as Record<string, unknown>
  const { sensors: _, city: __, ...rest } = CITY
  // Parsed once already: durations are numbers there, so only what has none comes along.
  await database.query("delete from config_objects where kind = 'sensor'")
  await configure(database, [PM, HJ, SILENT, { ...PM, id: 'new', topic: 'n', every: undefined }].map(plain), {
    city: CITY.city,
    departments: rest.departments,
    users: rest.users,
    cameras: rest.cameras.map(({ rules: _rules, ...camera }) => camera),
    routes: rest.routes,
  })
  const deps = { database, clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const inbox = createInbox(deps)
  const readings = createReadingsInbox({ ...deps, inbox })
  const reading = (minutesAgo: number, value: number, more: Partial<Reading> = {}): Reading => ({
    ...{ factor: 'a34004', period: 'instant', statistic: 'value', at: at(minutesAgo), value, flag: null },
    ...more,
  })
  const say = (device: string, ...list: Reading[]) =>
    packetOf(device, Math.max(...list.map((one) => one.at)) + 1_000, list)
  await readings.receive([
    ...[9, 8, 7].map((minute) => say('pm', reading(minute, 90_000))),
    ...[6, 5, 4, 3, 2].map((minute) => say('pm', reading(minute, 160_000 + minute * 1_000))),
    say('MN1', reading(3, 1, { flag: 'D' }), reading(60, 5, { period: 'hour', statistic: 'avg' }), {
      ...reading(60, 9, { period: 'hour', statistic: 'max' }),
    }),
    packetOf('silent', at(1), [reading(1, 1)], null),
    packetOf('silent', at(1) + 1, [], 'offline'),
  ])
  const clock = manualClock(NOW + 60_000)
  const watch = createSensorWatch({ ...deps, inbox, clock })
  for (let look = 0; look < 8; look += 1) {
    clock.advance(5_000)
    await watch.runOnce()
  }
})
afterAll(() => site[Symbol.asyncDispose]())

const get = async (path: string, name = 'operator') => {
  const answer = await (await site.as(name)).get(path)
  expect(answer.status, path).toBe(200)
  return answer.json()
}

test('the list says what every sensor is, measures and suffers from', async () => {
  const { items } = sensorsShape.parse(await get('/api/sensors'))
  const [alert] = (await site.database.query("select id from alerts where source_id = 'pm'")).rows
  expect(items.map(({ id, state }) => [id, state])).toEqual([
    ['pm', 'exceeding'],
    ['hj', 'ok'],
    ['silent', 'silent'],
    ['new', 'never'],
  ])
  expect(items[0]).toMatchObject({
    name: { zh: '一号站', en: 'Station 1' },
    device: 'pm',
    unit: 'ug/m3',
    every: 60_000,
    limit: { above: 150, below: null, for: 180_000, clear: 120 },
    place: { lon: 114.48, lat: 38.03, grid: '130104-017', datum: 'GCJ-02' },
    exceeding: { alertId: alert?.id, since: iso(6) },
    fault: null,
    judged: 'instant',
    last: { at: iso(2), value: 162, flag: null, period: 'instant' },
    heardAt: new Date(at(2) + 1_000).toISOString(),
    status: null,
  })
  expect(items[1]).toMatchObject({
    name: { zh: 'hj', en: 'hj' },
    device: 'MN1',
    limit: null,
    last: { flag: 'D' },
  })
  expect(items[2]).toMatchObject({ status: 'offline', fault: { cause: 'offline' } })
  expect(sensorItemShape.parse(await get('/api/sensors/new'))).toMatchObject({ last: null, heardAt: null })
  expect((await (await site.as('operator')).get('/api/sensors/other')).status).toBe(404)
})

test('readings come newest first, page by page, in the unit of the sensor and as they were sent', async () => {
  const path = `/api/sensors/pm/readings?from=${iso(9)}&to=${iso(2)}&limit=3`
  const seen: string[] = []
  let cursor = ''
  for (let page = 0; page < 5; page += 1) {
    const { items, next, unit } = readingsShape.parse(await get(path + cursor))
    expect(unit).toBe('ug/m3')
    seen.push(...items.map((item) => `${(NOW - Date.parse(item.at)) / MINUTE} ${item.value} ${item.raw}`))
    if (next === null) break
    cursor = `&cursor=${next}`
  }
  expect(seen).toEqual([
    ...['3 163 163000', '4 164 164000', '5 165 165000', '6 166 166000'],
    ...['7 90 90000', '8 90 90000', '9 90 90000'],
  ])
  const hours = readingsShape.parse(await get('/api/sensors/hj/readings?period=hour'))
  expect(hours.items.map(({ statistic, value }) => [statistic, value])).toEqual([
    ['max', 0.009],
    ['avg', 0.005],
  ])
  const flagged = readingsShape.parse(await get('/api/sensors/hj/readings?period=instant'))
  expect(flagged.items).toMatchObject([{ period: 'instant', flag: 'D', basis: 'none', mark: null }])
})

test.each([
  ['longer than a month', `from=${iso(60 * 24 * 40)}&to=${iso(0)}`],
  ['backwards', `from=${iso(1)}&to=${iso(2)}`],
  ['an unknown period', 'period=week'],
  ['a cursor of another list', 'cursor=abc'],
  ['too many', 'limit=1001'],
])('a span or page that cannot be is refused: %s', async (_, query) => {
  const answer = await (await site.as('operator')).get(`/api/sensors/pm/readings?${query}`)
  expect(answer.status).toBe(422)
})

test('marks: rights, then the sensor, then the content', async () => {
  const body = { from: iso(6), to: iso(2), flag: 'D', reason: '仪器故障' }
  const status = async (name: string, id: string, sent: object) =>
    (await (await site.as(name)).post(`/api/sensors/${id}/marks`, sent)).status
  for (const name of ['officer', 'verifier', 'investigator', 'auditor'])
    expect(await status(name, 'other', {})).toBe(403)
  expect(await status('operator', 'other', {})).toBe(404)
  for (const wrong of [{ flag: 'X' }, { reason: '' }, { to: iso(9) }, { more: 1 }])
    expect(await status('admin', 'pm', { ...body, ...wrong })).toBe(422)
  expect((await site.database.query('select from reading_marks')).rowCount).toBe(0)
})

test('a mark withdraws what it denies; readings and list say so', async () => {
  const operator = await site.as('operator')
  const before = alertDetailShape.parse(
    await get(
      `/api/alerts/${(await site.database.query("select id from alerts where source_id = 'pm'")).rows[0]?.id}`,
    ),
  )
  expect(before).toMatchObject({
    camera: 'pm',
    cameraName: { zh: '一号站', en: 'Station 1' },
    place: { grid: '130104-017' },
    state: 'firing',
    cause: { clock: { kind: 'device' } },
    sensor: { factor: 'a34004', unit: 'ug/m3' },
    withdrawnAt: null,
  })
  const answer = await operator.post('/api/sensors/pm/marks', {
    ...{ from: iso(6), to: iso(3), flag: 'D', reason: '仪器故障' },
  })
  expect(answer.status).toBe(201)
  const { id } = (await answer.json()) as { id: string }
  expect(await get(`/api/alerts/${before.id}`)).toMatchObject({
    state: 'resolved',
    cause: { endReason: 'withdrawn: data marked invalid' },
    withdrawnAt: expect.any(String),
    timeline: expect.arrayContaining([expect.objectContaining({ kind: 'withdrawn' })]),
  })
  const { items } = readingsShape.parse(await get(`/api/sensors/pm/readings?from=${iso(4)}`))
  expect(items.map(({ mark, basis }) => [mark, basis])).toEqual([
    [null, 'full'],
    [{ id, flag: 'D', by: 'person' }, 'none'],
    [{ id, flag: 'D', by: 'person' }, 'none'],
  ])
  const later = await operator.post('/api/sensors/pm/marks', {
    ...{ from: iso(6), to: iso(6), flag: 'N', reason: '复核' },
  })
  expect(later.status).toBe(201)
  const first = marksShape.parse(await get('/api/sensors/pm/marks?limit=1', 'officer'))
  expect(first.items).toMatchObject([
    { flag: 'N', by: 'person', actor: 'operator', reason: '复核', raw: null },
  ])
  const second = marksShape.parse(await get(`/api/sensors/pm/marks?limit=1&cursor=${first.next}`))
  expect(second).toMatchObject({ items: [{ id, from: iso(6), to: iso(3), period: null }], next: null })
})
