import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { heatOf } from '../../dashboard-api/web/src/health/heat.ts'
import type { Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

/** 10:30 of the city on 20 November. */
const NOW = Date.parse('2026-11-20T02:30:00Z')
let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard({ clock: { ...systemClock, now: () => NOW } })
  const interval = (camera: string, from: string, to: string, state: string, unavailable: string[] = []) =>
    city.database.query(
      `insert into coverage (camera, worker, epoch, from_at, to_at, state, model, unavailable)
       values ($1, 'w', 1, $2, $3, $4, null, $5)`,
      [camera, from, to, state, unavailable],
    )
  // From 23:00 of the day before until 01:30; then its only type cannot be found for 15 minutes; then it is away.
  await interval('works-chimney', '2026-11-19T15:00:00Z', '2026-11-19T17:30:00Z', 'online')
  await interval('works-chimney', '2026-11-19T17:30:00Z', '2026-11-19T17:45:00Z', 'online', ['plume'])
  await interval('works-chimney', '2026-11-19T17:45:00Z', '2026-11-19T20:00:00Z', 'offline')
  // No rule asks for anything of the kitchen.
  await interval('kitchen', '2026-11-19T16:00:00Z', '2026-11-19T16:10:00Z', 'online')
})
afterAll(() => city[Symbol.asyncDispose]())

test('a day of the city, hour by hour: watched, pulled only, nobody; the least watched first', async () => {
  const admin = await city.as('admin')
  const day: Json = await admin.json('/api/coverage/day')
  expect(day).toMatchObject({ day: '2026-11-20', timezone: 'Asia/Shanghai', at: new Date(NOW).toISOString() })
  expect(day.hours).toHaveLength(24)
  expect(day.hours[0]).toBe('2026-11-19T16:00:00.000Z')
  expect(day.elapsed.slice(8, 13)).toEqual([3600, 3600, 1800, 0, 0])
  expect(day.cameras.map(({ id }: Json) => id)).toEqual(['kitchen', 'works-chimney'])
  const [kitchen, chimney] = day.cameras
  expect(kitchen.total).toEqual({ watched: 0, pulled: 600 })
  expect(chimney.hours.slice(0, 3)).toEqual([
    { watched: 3600, pulled: 0 },
    { watched: 1800, pulled: 900 },
    { watched: 0, pulled: 0 },
  ])
  expect(day.total).toEqual({ watched: 5400, pulled: 1500, possible: 2 * 10.5 * 3600 })
  const before: Json = await admin.json('/api/coverage/day?day=2026-11-19')
  expect(before.cameras.at(-1).hours[23]).toEqual({ watched: 3600, pulled: 0 })
  expect(before.elapsed).toEqual(Array.from({ length: 24 }, () => 3600))
  expect((await admin.json('/api/coverage/day?day=2026-12-01')).total.possible).toBe(0)
  expect((await admin.get('/api/coverage/day?day=today')).status).toBe(422)
})

test('an officer sees the cameras of open cases only, and no workers', async () => {
  const officer = await city.as('officer')
  expect((await officer.json('/api/coverage/day')).cameras).toEqual([])
  expect((await officer.get('/api/health/workers')).status).toBe(403)
})

test('workers are told by when they were heard of, silent ones first', async () => {
  await city.database.query(
    `insert into workers (name, version, capacity, cameras, clock_skew_ms, first_seen, started_at, last_seen) values
       ('a/1', '1', 8, 2, 12.5, now(), now(), now()), ('b/1', '1', 8, 0, null, now(), now(), now() - interval '5 minutes'),
       ('c/1', '1', 8, 0, null, now(), null, now()), ('d/1', '1', 8, 0, null, now(), null, now() - interval '60 days')`,
  )
  const { items } = await (await city.as('operator')).json('/api/health/workers')
  expect(items.map(({ name, state }: Json) => [name, state])).toEqual([
    ['b/1', 'silent'],
    ['a/1', 'present'],
    ['c/1', 'gone'],
  ])
  expect(items[1]).toMatchObject({ cameras: 2, capacity: 8, clockSkewMs: 12.5 })
})

test('an hour is called watched only without a hole of more than five per cent', () => {
  expect(heatOf({ watched: 3420, pulled: 0 }, 3600)).toBe('watched')
  expect(heatOf({ watched: 3419, pulled: 181 }, 3600)).toBe('part')
  expect(heatOf({ watched: 0, pulled: 1 }, 3600)).toBe('pulled')
  expect(heatOf({ watched: 0, pulled: 0 }, 3600)).toBe('none')
  expect(heatOf({ watched: 0, pulled: 0 }, 0)).toBe('future')
})
