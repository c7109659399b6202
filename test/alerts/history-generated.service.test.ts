import { expect, test } from 'vitest'
import { createMaintenance } from '../../alerts/history/maintenance.ts'
import { rebuildRollup } from '../../alerts/history/rollups.ts'
import { generateEvents, generateReadings } from '../../app/simulate/generate.ts'
import { hazardEventSchema } from '../../core/event.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase } from '../support/postgres.ts'

const DAY = 86_400_000
const until = Math.floor(Date.now() / DAY) * DAY
const options = { rows: 6_000, days: 3, until, cameras: 40, sensors: 4 }

test('a generated history is the same for the same seed, valid, in order of time, and counted', async () => {
  await using one = await createTestDatabase()
  await using other = await createTestDatabase()
  const made = await generateEvents(one, options)
  expect(made.days).toHaveLength(3)
  expect(made.rows).toBeGreaterThan(5_500)
  expect(made.rows).toBeLessThan(6_500)
  expect((await generateEvents(other, options)).rows).toBe(made.rows)
  const all = async (database: typeof one) =>
    (await database.query('select * from events order by at, event_id, seq')).rows
  expect(await all(other)).toEqual(await all(one))

  const { rows } = await one.query<{ state: unknown; kind: string }>(
    'select distinct on (type, kind) state, kind from events order by type, kind, at',
  )
  expect(rows.length).toBeGreaterThan(20)
  for (const { state, kind } of rows)
    expect(hazardEventSchema.parse(state).endedAt !== null).toBe(kind === 'end')
  // The order on disk is that of time (but for pages that the server fills in passing), as messages come: the time
  // index of a day keeps only the ends of its blocks.
  const order = await one.query<{ likeness: number }>(
    `select min(likeness) as likeness from (
       select corr(in_time, on_disk) as likeness from (
         select tableoid, row_number() over (partition by tableoid order by at) as in_time,
                row_number() over (partition by tableoid order by ctid) as on_disk from events) as list
        group by tableoid) as days`,
  )
  expect(order.rows[0]?.likeness).toBeGreaterThan(0.95)
  expect((await one.query('select from history_late')).rowCount).toBe(0)

  await rebuildRollup(one, 'event_days', 'UTC')
  const counted = await one.query('select sum(starts + updates + ends)::int as n from event_days')
  expect(counted.rows).toEqual([{ n: made.rows }])
})

test('generated readings fill hours, and days that are there already take more', async () => {
  await using database = await createTestDatabase()
  const made = await generateReadings(database, { rows: 4_000, days: 2, until, devices: 5 })
  expect(made.rows).toBeGreaterThan(3_500)
  expect(made.rows).toBeLessThan(4_500)
  await rebuildRollup(database, 'reading_hours', 'UTC')
  const { rows } = await database.query<{ n: number; flagged: number; hours: number }>(
    'select sum(n)::int as n, sum(flagged)::int as flagged, count(distinct hour)::int as hours from reading_hours',
  )
  expect(rows[0]).toMatchObject({ hours: 48 })
  expect((rows[0]?.n ?? 0) + (rows[0]?.flagged ?? 0)).toBe(made.rows)

  await generateEvents(database, options)
  await rebuildRollup(database, 'event_days', 'UTC')
  const again = await generateEvents(database, { ...options, seed: 2 })
  await createMaintenance({
    database,
    clock: manualClock(Date.now()),
    log: silentLog,
    metrics: recordingMetrics(),
    keep: { events: null, readings: null },
  }).round()
  const total = await database.query<{ raw: number; counted: number }>(
    `select (select count(*)::int from events) as raw, (select sum(starts + updates + ends)::int from event_days) as counted`,
  )
  expect(again.rows).toBeGreaterThan(5_500)
  expect(total.rows[0]?.raw).toBeGreaterThan(11_000)
  // The second filling went into days that were there: its rows came late and are marked.
  expect(total.rows[0]?.counted).toBe(total.rows[0]?.raw)
})
