import { spawn } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSensorCommands } from '../../alerts/sensors/commands.ts'
import { sensorSchema } from '../../core/config/sensor.ts'
import type { Flag } from '../../core/sensors/flags.ts'
import { evaluate, openEpisode } from '../../core/sensors/limit.ts'
import type { ReadingMark, StoredReading } from '../../core/sensors/marks.ts'
import { limitRule, toJudgeable } from '../../core/sensors/series.ts'
import { TEST_TIME } from '../support/events.ts'
import { recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { at, configure, emptyTables, exceedances, MINUTE, PM, packet, sensorSite } from './sensors-fixture.ts'

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
const sensor = sensorSchema.parse(PM)

/** What arrives: a reading, the same reading again with another flag, or a person's mark. */
type Item =
  | { readonly kind: 'reading'; readonly minute: number; readonly value: number; readonly flag: Flag | null }
  | { readonly kind: 'again'; readonly minute: number; readonly value: number; readonly flag: Flag }
  | {
      readonly kind: 'mark'
      readonly from: number
      readonly to: number
      readonly flag: Flag
      readonly made: number
    }

/** When the packets of a minute came: first, and again. */
const FIRST_MS = 1_000
const AGAIN_MS = 3_600_000
const MADE = at(1_000)

/** What all of it means, worked out in one go. */
function truth(items: readonly Item[]) {
  const marks = items.flatMap((item): ReadingMark[] => {
    if (item.kind === 'again') {
      const time = at(item.minute)
      const series = { period: 'instant', statistic: 'value' } as const
      return [
        { id: '0', from: time, to: time, series, flag: item.flag, by: 'device', madeAt: time + AGAIN_MS },
      ]
    }
    if (item.kind !== 'mark') return []
    const { made, from, to, flag } = item
    return [{ id: '0', from: at(from), to: at(to), series: null, flag, by: 'person', madeAt: MADE + made }]
  })
  const readings = items.flatMap((item): StoredReading[] =>
    item.kind === 'reading'
      ? [
          {
            at: at(item.minute),
            receivedAt: at(item.minute) + FIRST_MS,
            value: item.value,
            flag: item.flag,
            period: 'instant',
            statistic: 'value',
          },
        ]
      : [],
  )
  const rule = limitRule(sensor, 'instant') ?? expect.unreachable()
  const { ended, state } = evaluate(
    rule,
    readings.toSorted((a, b) => a.at - b.at).flatMap((one) => toJudgeable(sensor, one, marks) ?? []),
  )
  const open = openEpisode(state)
  const minutes = (time: number) => (time - TEST_TIME) / MINUTE
  return (open ? [...ended, open] : ended).map(({ since, startedAt, endedAt, peak }) => ({
    since: minutes(since),
    startedAt: minutes(startedAt),
    endedAt: endedAt === null ? null : minutes(endedAt),
    peak,
  }))
}

/** Takes portions of items in: readings of a portion in one call, its marks one by one. */
async function take(portion: readonly Item[], clock = manualClock(MADE)) {
  const { inbox, readings, metrics } = sensorSite(database, { clock })
  const packets = portion.flatMap((item) =>
    item.kind === 'mark'
      ? []
      : [
          packet(item.minute, item.value, {
            flag: item.flag,
            receivedAt: at(item.minute) + (item.kind === 'again' ? AGAIN_MS : FIRST_MS),
          }),
        ],
  )
  await readings.receive(packets)
  for (const item of portion) {
    if (item.kind !== 'mark') continue
    const commands = createSensorCommands({
      ...{ database, inbox, metrics: recordingMetrics() },
      clock: manualClock(MADE + item.made),
    })
    await commands.mark(
      'pm',
      {
        from: new Date(at(item.from)).toISOString(),
        to: new Date(at(item.to)).toISOString(),
        flag: item.flag,
        reason: 'test',
      },
      { kind: 'person', name: 'operator', roles: ['operator'], department: null },
    )
  }
  return metrics
}

const value = fc.constantFrom(160, 160, 200, 130, 50)
const flag = fc.constantFrom<Flag | null>(null, null, null, 'N', 'D')
const items = fc
  .tuple(
    fc.array(
      fc.record({ value, flag, times: fc.integer({ min: 1, max: 6 }), hole: fc.integer({ min: 0, max: 8 }) }),
      {
        minLength: 2,
        maxLength: 8,
      },
    ),
    fc.array(fc.record({ place: fc.nat(20), flag: fc.constantFrom<Flag>('D', 'N', 'M') }), { maxLength: 3 }),
    fc.array(fc.record({ from: fc.nat(25), length: fc.nat(6), flag: fc.constantFrom<Flag>('D', 'N') }), {
      maxLength: 3,
    }),
  )
  .map(([blocks, again, marks]) => {
    let minute = 0
    const readings = blocks.flatMap(({ value, flag, times, hole }) =>
      Array.from({ length: times }, (_, n): Item => {
        minute += n === 0 && hole > 6 ? 5 : 1
        return { kind: 'reading', minute, value, flag: n === 0 ? flag : null }
      }),
    )
    const places = new Set<number>()
    const repeated = again.flatMap(({ place, flag }): Item[] => {
      const reading = readings[place % readings.length]
      if (reading?.kind !== 'reading' || places.has(reading.minute)) return []
      places.add(reading.minute)
      return [{ kind: 'again', minute: reading.minute, value: reading.value, flag }]
    })
    const marked = marks.map(
      ({ from, length, flag }, made): Item => ({ kind: 'mark', from, to: from + length, flag, made }),
    )
    return [...readings, ...repeated, ...marked]
  })

/** What the alerts and events say beside the episodes. */
async function isConsistent(open: number): Promise<void> {
  expect(await rows("select count(*)::int as n from alerts where state <> 'resolved'")).toEqual([{ n: open }])
  expect(await rows('select event_id from event_state where not ended')).toEqual(
    await rows('select event_id from sensor_episodes where ended_at is null'),
  )
  expect(
    await rows(`select s.event_id from sensor_episodes s left join event_state e using (event_id)
                 where e.seq is distinct from s.seq or e.ended is distinct from (s.ended_at is not null)`),
  ).toEqual([])
}

test('any order of arrival of the same readings, repetitions and marks leaves the same exceedances', async () => {
  const arrivals = items.chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
    ),
  )
  await fc.assert(
    fc.asyncProperty(arrivals, async ([all, shuffled, sizes]) => {
      await emptyTables(database)
      await configure(database, [PM])
      for (let place = 0, n = 0; place < shuffled.length; n += 1) {
        const size = sizes[n % sizes.length] ?? 1
        await take(shuffled.slice(place, place + size))
        place += size
      }
      const expected = truth(all)
      expect(await exceedances(database)).toEqual(expected)
      await isConsistent(expected.filter(({ endedAt }) => endedAt === null).length)
      // Everything once more, as it was written first.
      const before = await rows('select * from sensor_state')
      await take(all.filter(({ kind }) => kind !== 'mark'))
      expect(await exceedances(database)).toEqual(expected)
      expect(await rows('select * from sensor_state')).toEqual(before)
    }),
    { numRuns: 40 },
  )
})

test('the peak of an open exceedance falls when its readings are marked, and rises with one that comes late', async () => {
  const reading = (minute: number, value: number): Item => ({ kind: 'reading', minute, value, flag: null })
  const others = Array.from({ length: 15 }, (_, n) => reading(n + 1, n + 1 === 8 ? 200 : 160)).filter(
    (one) => one.kind !== 'reading' || one.minute !== 9,
  )
  const peaks = async () => (await exceedances(database)).map(({ peak }) => peak)
  for (const one of others) await take([one])
  expect(await peaks()).toEqual([200])
  await take([{ kind: 'mark', from: 8, to: 8, flag: 'D', made: 0 }])
  expect(await peaks()).toEqual([160])
  await take([reading(9, 180)])
  expect(await peaks()).toEqual([180])
})

describe('several at once on one device', () => {
  test('inboxes and a person in parallel leave what one of them leaves', async () => {
    const wave = Array.from({ length: 120 }, (_, minute): Item => {
      const value = Math.floor(minute / 10) % 2 === 0 ? 160 + (minute % 10) : 90
      return { kind: 'reading', minute, value, flag: null }
    })
    const marks = [20, 40, 60].map(
      (from, made): Item => ({ kind: 'mark', from, to: from + 4, flag: 'D', made }),
    )
    const parts = Array.from({ length: 4 }, (_, part) => wave.filter((_, n) => n % 4 === part))
    const counts = await Promise.all([
      ...parts.map(async (part, index) => {
        const metrics = []
        const own = index % 2 ? part.toReversed() : part
        for (let place = 0; place < own.length; place += 6)
          metrics.push(await take(own.slice(place, place + 6)))
        return metrics
      }),
      (async () => {
        const metrics = []
        for (const mark of marks) metrics.push(await take([mark]))
        return metrics
      })(),
    ])
    const expected = truth([...wave, ...marks])
    expect(expected.length).toBeGreaterThan(4)
    expect(await exceedances(database)).toEqual(expected)
    await isConsistent(expected.filter(({ endedAt }) => endedAt === null).length)
    const retries = counts.flat().map(({ counts }) => counts.get('readings_retries_total{}') ?? 0)
    expect(retries.reduce((sum, n) => sum + n, 0)).toBe(0)
  })

  test('batches of many devices that cross each other end without a deadlock', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `s${n}`)
    await configure(
      database,
      names.map((id) => ({ ...PM, id, topic: id })),
    )
    const metrics = await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        const { readings, metrics } = sensorSite(database)
        const order = writer % 2 ? names.toReversed() : names
        for (let minute = 0; minute < 8; minute += 1)
          await readings.receive(order.map((device) => packet(minute, 160 + writer, { device })))
        return metrics
      }),
    )
    expect(await rows('select count(*)::int as n from readings')).toEqual([{ n: 320 }])
    expect(await rows("select count(*)::int as n from alerts where state = 'firing'")).toEqual([{ n: 40 }])
    for (const { counts } of metrics) expect(counts.get('readings_retries_total{}')).toBeUndefined()
  })
})

describe('kill -9', () => {
  /** A process that takes readings of `pm` in, minute by minute; `die`: where it kills itself. */
  async function work(die: 'in_transaction' | 'after_commit' | 'never'): Promise<string | null> {
    const script = new URL('./sensors-child.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [script, database.url, die], { stdio: 'inherit' })
    return new Promise((done, fail) => {
      child.once('error', fail)
      child.once('close', (_, signal) => done(signal))
    })
  }

  test('inside the transaction and right after it: what is sent again leaves everything once', async () => {
    expect(await work('in_transaction')).toBe('SIGKILL')
    expect(await rows('select from readings where at >= $$2026-03-01T08:03:00Z$$')).toEqual([])
    expect(await rows('select from alerts')).toEqual([])
    expect(await work('after_commit')).toBe('SIGKILL')
    const [alert] = await rows('select id, event_id from alerts')
    expect(alert).toBeDefined()
    expect(await work('never')).toBeNull()
    expect(await exceedances(database)).toEqual([{ since: 0, startedAt: 3, endedAt: 6, peak: 160 }])
    expect(await rows('select id, event_id, state, occurrences from alerts')).toEqual([
      { ...alert, state: 'resolved', occurrences: 1 },
    ])
    await isConsistent(0)
  })
})

// Far above what it takes on a quiet machine: the time is printed, not asserted.
test('100,000 readings of 1,000 sensors: how fast, printed', async () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `s${n}`)
  await configure(
    database,
    names.map((id) => ({ ...PM, id, topic: id })),
  )
  const { readings } = sensorSite(database)
  const batches = Array.from({ length: 100 }, (_, minute) =>
    names.map((device, n) => packet(minute, minute % 50 === 49 && n % 100 === 0 ? 160 : 40, { device })),
  )
  const began = performance.now()
  for (const batch of batches) await readings.receive(batch)
  const seconds = (performance.now() - began) / 1_000
  expect(await rows('select count(*)::int as n from readings')).toEqual([{ n: 100_000 }])
  console.info(`100,000 readings, one a message, 1,000 a batch: ${Math.round(100_000 / seconds)} a second`)

  // A gateway's packets: 50 factors each, of which nobody configured any.
  const packets = Array.from({ length: 2_000 }, (_, n) => {
    const one = packet(n, 1, { device: `gateway-${n % 20}` })
    const factors = Array.from({ length: 50 }, (_, factor) => ({
      ...one.data.readings[0],
      factor: `f${factor}`,
    }))
    return { ...one, data: { ...one.data, readings: factors } }
  })
  const again = performance.now()
  for (let place = 0; place < packets.length; place += 20)
    await readings.receive(packets.slice(place, place + 20))
  const more = (performance.now() - again) / 1_000
  expect(await rows('select count(*)::int as n from readings')).toEqual([{ n: 200_000 }])
  console.info(`100,000 readings, fifty a message: ${Math.round(100_000 / more)} a second`)
}, 600_000)
