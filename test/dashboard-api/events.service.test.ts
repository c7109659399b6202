import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMaintenance } from '../../alerts/history/maintenance.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import type { HazardEvent } from '../../core/event.ts'
import { dayOf, spanOf } from '../../dashboard-api/events/span.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon of the city (04:00 of UTC), so that an hour more is the same day. */
const NOON = Math.floor(Date.now() / DAY) * DAY - DAY + 4 * HOUR

let city: TestDashboard
let operator: Browser
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
  await ensurePartitions(city.database, NOON)
})
afterAll(() => city[Symbol.asyncDispose]())

/** Start, update and end through the inbox. */
async function hazard(at: number, more: Partial<HazardEvent> = {}): Promise<string> {
  const { database } = city
  const event = hazardEvent({
    source: { kind: 'camera', id: 'works-chimney' },
    rule: { id: randomUUID(), version: '1' },
    since: at,
    startedAt: at,
    lastSeenAt: at,
    ...more,
  })
  const inbox = createInbox({
    database,
    clock: manualClock(at),
    log: silentLog,
    metrics: recordingMetrics(),
  })
  await inbox.receive(
    (['start', 'update', 'end'] as const).map((kind, index) =>
      hazardMessage(event, { kind, seq: index + 1 }),
    ),
  )
  return event.id
}

async function everything(path: string, limit: number): Promise<Json[]> {
  const items: Json[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Json = await operator.json(`${path}&limit=${limit}${next && `&cursor=${next}`}`)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    next = page.next
  }
  return items
}
const iso = (at: number) => new Date(at).toISOString()
const span = (from: number, to: number) => `from=${iso(from)}&to=${iso(to)}`

test('pages follow each other newest first, without gap or double, also of messages of one moment', async () => {
  const at = NOON - 3 * DAY
  const ids = [
    await hazard(at),
    await hazard(at),
    await hazard(at, { type: 'plume' }),
    await hazard(at + HOUR),
  ]
  const path = `/api/events?${span(at, at + 2 * HOUR)}`
  const all = await everything(path, 100)
  expect(all).toHaveLength(12)
  expect(all.map((item) => item.at)).toEqual(
    all
      .map((item) => item.at)
      .toSorted()
      .toReversed(),
  )
  expect(new Set(all.map((item) => item.event))).toEqual(new Set(ids))
  expect(all[0]).toMatchObject({
    event: ids[3],
    kind: 'end',
    epoch: 1,
    seq: 3,
    source: { kind: 'camera', id: 'works-chimney' },
    sourceName: { zh: '三号烟囱' },
    type: 'object_left',
    zone: 'gate',
    severity: 3,
  })
  for (const limit of [1, 2, 5]) expect(await everything(path, limit)).toEqual(all)
  expect((await operator.get('/api/events?cursor=nonsense')).status).toBe(422)
})

test('every filter, alone and with others', async () => {
  const at = NOON - 5 * DAY
  const fire = await hazard(at, { type: 'fire', severity: 1, zone: null })
  const plume = await hazard(at, { type: 'plume', severity: 2, zone: 'sky' })
  const kitchen = await hazard(at, {
    source: { kind: 'camera', id: 'kitchen' },
    type: 'open_bin',
    severity: 4,
    zone: 'sky',
  })
  const dust = await hazard(at, {
    source: { kind: 'sensor', id: 'pm-017' },
    type: 'exceedance',
    severity: 3,
    zone: null,
  })
  const ids = async (query: string): Promise<string[]> => {
    const list = await operator.json(
      `/api/events?${span(at - HOUR, at + HOUR)}&kind=start&limit=200&${query}`,
    )
    return list.items.map((item: Json) => item.event).sort()
  }
  expect(await ids('')).toEqual([fire, plume, kitchen, dust].sort())
  expect(await ids('source=works-chimney')).toEqual([fire, plume].sort())
  expect(await ids('source=kitchen,pm-017')).toEqual([kitchen, dust].sort())
  expect(await ids('source=works-chimney&zone=sky')).toEqual([plume])
  expect(await ids('sourceKind=sensor')).toEqual([dust])
  expect(await ids('type=fire,exceedance')).toEqual([fire, dust].sort())
  expect(await ids('source=works-chimney&type=fire,exceedance')).toEqual([fire])
  expect(await ids('severity=1,2')).toEqual([fire, plume].sort())
  expect(
    (await operator.json(`/api/events?${span(at - HOUR, at + HOUR)}&kind=update,end`)).items,
  ).toHaveLength(8)
  for (const wrong of ['zone=sky', 'type=nothing', 'severity=5', 'kind=begin', 'from=yesterday', 'limit=900'])
    expect((await operator.get(`/api/events?${wrong}`)).status, wrong).toBe(422)
})

test('a span is bounded, absent it is the last day, and a day is one of the city', async () => {
  const recent = await hazard(Date.now() - 60_000)
  const last = await operator.json('/api/events?kind=start')
  expect(last.items.map((item: Json) => item.event)).toContain(recent)
  const long = await operator.get(`/api/events?${span(NOON - 40 * DAY, NOON)}`)
  expect(long.status).toBe(422)
  expect(((await long.json()) as Json).detail).toContain('more than 31 days')
  expect((await operator.get(`/api/events?${span(NOON, NOON)}`)).status).toBe(422)
  expect((await operator.get(`/api/events?day=2026-03-01&from=${iso(NOON)}`)).status).toBe(422)
  // 23:30 of the city is 15:30 of UTC; half an hour later is the next day.
  const late = NOON - 7 * DAY + 11.5 * HOUR
  const before = await hazard(late)
  const after = await hazard(late + HOUR)
  const dayAt = (at: number) => iso(at + 8 * HOUR).slice(0, 10)
  const ids = async (day: string) =>
    (await operator.json(`/api/events?kind=start&day=${day}`)).items.map((item: Json) => item.event)
  expect(await ids(dayAt(late))).toEqual([before])
  expect(await ids(dayAt(late + HOUR))).toEqual([after])
})

test('days of a zone with summer time have the hours that they have', () => {
  const hours = (day: string, zone: string) => {
    const { from, to } = dayOf(day, zone)
    return [iso(from), (to - from) / HOUR]
  }
  expect(hours('2026-03-01', 'Asia/Shanghai')).toEqual(['2026-02-28T16:00:00.000Z', 24])
  expect(hours('2026-03-29', 'Europe/Berlin')).toEqual(['2026-03-28T23:00:00.000Z', 23])
  expect(hours('2026-10-25', 'Europe/Berlin')).toEqual(['2026-10-24T22:00:00.000Z', 25])
  expect(hours('2026-03-01', 'Asia/Kathmandu')).toEqual(['2026-02-28T18:15:00.000Z', 24])
  const options = { now: NOON, timezone: 'UTC', maxDays: 31 }
  expect(spanOf({}, options)).toEqual({ from: NOON - DAY, to: NOON })
  expect(spanOf({ from: NOON - 2 * DAY }, options)).toEqual({ from: NOON - 2 * DAY, to: NOON - DAY })
})

test('bucket=day counts a day and type, before and after the job, with the same filters', async () => {
  const at = NOON - 20 * DAY
  await hazard(at, { type: 'rodent', severity: 2 })
  await hazard(at + HOUR, { type: 'rodent', severity: 2 })
  await hazard(at + DAY, { type: 'rodent', severity: 1, source: { kind: 'camera', id: 'kitchen' } })
  await hazard(Date.now() - 60_000, { type: 'rodent' })
  const days = async (query: string) =>
    (await operator.json(`/api/events?bucket=day&type=rodent&${span(at - DAY, Date.now())}&${query}`)) as Json
  const round = () =>
    createMaintenance({
      database: city.database,
      clock: manualClock(Date.now()),
      log: silentLog,
      metrics: recordingMetrics(),
      keep: { events: null, readings: null },
    }).round()
  await round()
  const dayAt = (time: number) => iso(time + 8 * HOUR).slice(0, 10)
  const day = (time: number, count: number) => ({
    day: dayAt(time),
    type: 'rodent',
    starts: count,
    updates: count,
    ends: count,
  })
  const found = await days('')
  expect(found).toEqual({
    timezone: 'Asia/Shanghai',
    days: [day(at, 2), day(at + DAY, 1), day(Date.now() - 60_000, 1)],
  })
  await hazard(at + DAY + HOUR, { type: 'rodent', severity: 1 })
  await round()
  expect((await days('')).days[1]).toEqual(day(at + DAY, 2))
  expect((await days('source=kitchen')).days).toEqual([day(at + DAY, 1)])
  expect((await days('severity=2')).days).toEqual([day(at, 2)])
  expect((await operator.get('/api/events?bucket=day&kind=start')).status).toBe(422)
  expect((await operator.get(`/api/events?bucket=day&${span(NOON - 500 * DAY, NOON)}`)).status).toBe(422)
})

test('officers have no list of events', async () => {
  expect((await (await city.as('officer')).get('/api/events')).status).toBe(403)
})
