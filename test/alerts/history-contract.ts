import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasContinuousAggregates } from '../../alerts/history/continuous.ts'
import { readHistoryHealth } from '../../alerts/history/health.ts'
import { createMaintenance } from '../../alerts/history/maintenance.ts'
import type { HistoryMode } from '../../alerts/history/mode.ts'
import type { KeepDays } from '../../alerts/history/policies.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import type { EventItem } from '../../core/api/history.ts'
import type { List } from '../../core/api/shapes.ts'
import type { Database } from '../../core/ports/database.ts'
import { countEventDays } from '../../dashboard-api/events/days.ts'
import { listEvents } from '../../dashboard-api/events/list.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Days ago: long enough to be compressed, and out of what retention of 20 days keeps. */
const AGO = { compressed: 18, deleted: 25 }
const KEEP_ALL: KeepDays = { events: null, readings: null }

export interface HistoryUnderTest {
  readonly name: string
  readonly mode: HistoryMode
  /** Migrated, empty. */
  readonly open: () => Promise<Database & AsyncDisposable>
}

/** What every kind of database must answer alike, through the statements that the product uses. */
export function historyContract({ name, mode, open }: HistoryUnderTest): void {
  describe(name, () => {
    let database: Database & AsyncDisposable
    const metrics = recordingMetrics()
    const started = Date.now()
    /** In the middle of a day and of an hour, so that a minute more never is another one. */
    const ago = (days: number) => Math.floor(started / DAY) * DAY - days * DAY + 6.5 * HOUR
    const clock = manualClock(started)
    beforeAll(async () => {
      database = await open()
      await database.query(
        `insert into config_objects (kind, id, managed_by, version, body)
         values ('city', 'city', 'file', 1, '{"name": "示例市", "timezone": "Asia/Shanghai", "datum": "GCJ-02"}')`,
      )
      await ensurePartitions(database, started)
      // Rollups of this city's days are there; from then on TimescaleDB keeps continuous aggregates.
      await round()
    })
    afterAll(() => database[Symbol.asyncDispose]())

    const maintenance = (keep: KeepDays) =>
      createMaintenance({ database, clock, log: silentLog, metrics, keep })
    let hasEvents = false
    let keeping = KEEP_ALL
    let worker: ReturnType<typeof maintenance> | null = null
    /** A round an hour later: a refresh that does not run by itself is then run from here. */
    const round = async () => {
      worker ??= maintenance(keeping)
      clock.advance(HOUR)
      await worker.round()
      if (hasEvents) await expectCityRight()
    }
    /** So late that jobs which TimescaleDB runs once a day are missed, too. It goes by the database's own time. */
    const lateRound = async () => {
      if (mode === 'hypertable_full') clock.advance(4 * DAY)
      await round()
    }
    const inbox = () => createInbox({ database, clock, log: silentLog, metrics })

    /** One hazard of a camera through the inbox: start, an update, end, a second apart. */
    async function hazard(camera: string, at: number, zone: string | null = 'gate'): Promise<string> {
      const event = hazardEvent({
        source: { kind: 'camera', id: camera },
        rule: { id: randomUUID(), version: '1' },
        zone,
        since: at,
        startedAt: at,
        lastSeenAt: at,
      })
      const refused = await inbox().receive(
        (['start', 'update', 'end'] as const).map((kind, index) =>
          hazardMessage(event, { kind, seq: index + 1, at: index * 1_000 }),
        ),
      )
      expect(refused).toEqual([])
      hasEvents = true
      return event.id
    }

    const days = async (camera: string) =>
      (
        await database.query<Record<string, unknown>>(
          `select to_char(day at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as day, type, zone, severity,
                  sum(starts)::int as starts, sum(updates)::int as updates, sum(ends)::int as ends
             from event_days where source_id = $1 group by 1, 2, 3, 4 order by 1, 3`,
          [camera],
        )
      ).rows
    /** What the city's rollup says is what its sources' say, added up. */
    async function expectCityRight(): Promise<void> {
      const sums = (table: string) =>
        database.query(
          `select day, source_kind, type, severity, sum(starts)::int as starts, sum(updates)::int as updates, sum(ends)::int as ends
             from ${table} group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
        )
      const [city, sources] = [await sums('event_city_days'), await sums('event_days')]
      expect(city.rows).toEqual(sources.rows)
      expect(city.rows.length).toBeGreaterThan(0)
    }
    const dayOf = (at: number) => `${new Date(at + 8 * HOUR).toISOString().slice(0, 10)} 00:00`
    const counted = (at: number, times: number, zone: string | null = 'gate') => ({
      day: dayOf(at),
      type: 'object_left',
      zone,
      severity: 3,
      starts: times,
      updates: times,
      ends: times,
    })

    async function read(
      device: string,
      rows: readonly (readonly [at: number, value: number | null, flag: string | null])[],
    ) {
      const { rowCount } = await database.query(
        `insert into readings (at, received_at, device, factor, period, statistic, value, flag, message_id)
         select at, now(), $1, 'a34004', 'instant', 'value', value, flag, 'm'
           from unnest($2::timestamptz[], $3::float8[], $4::text[]) as list (at, value, flag)
         on conflict do nothing`,
        [
          device,
          rows.map(([at]) => new Date(at).toISOString()),
          rows.map(([, value]) => value),
          rows.map(([, , flag]) => flag),
        ],
      )
      return rowCount
    }
    const hours = async (device: string) =>
      (
        await database.query<Record<string, unknown>>(
          `select hour, factor, period, statistic, n, min, avg, max, flagged from reading_hours where device = $1 order by hour`,
          [device],
        )
      ).rows

    test('the mode is found and stored', async () => {
      expect(await readHistoryHealth(database)).toMatchObject({ mode, problems: [] })
    })

    test('an event through the inbox is one row a message, with the types that pg gives', async () => {
      const id = await hazard('cam-types', started)
      const { rows } = await database.query<Record<string, unknown>>(
        `select at, epoch, seq, kind, source_kind, type, zone, severity, state from events where event_id = $1 order by at`,
        [id],
      )
      expect(rows.map((row) => [row.kind, row.epoch, row.seq])).toEqual([
        ['start', '1', '1'],
        ['update', '1', '2'],
        ['end', '1', '3'],
      ])
      expect(rows[0]).toMatchObject({
        at: new Date(started),
        source_kind: 'camera',
        severity: 3,
        state: { id, measured: { stillMs: 10_000 } },
      })
    })

    test('what has just come is in the counts before any job ran', async () => {
      await hazard('cam-now', started)
      await hazard('cam-now', started - 5 * MINUTE, null)
      expect(await days('cam-now')).toEqual(
        dayOf(started) === dayOf(started - 5 * MINUTE)
          ? [counted(started, 1), counted(started, 1, null)]
          : [counted(started - 5 * MINUTE, 1, null), counted(started, 1)],
      )
    })

    test('counting changes no answer, however often it runs', async () => {
      const before = await days('cam-now')
      await round()
      expect(await hasContinuousAggregates(database)).toBe(mode === 'hypertable_full')
      expect(await days('cam-now')).toEqual(before)
      await round()
      expect(await days('cam-now')).toEqual(before)
    })

    test("a day is the city's, not that of UTC", async () => {
      // 23:30 of UTC is 07:30 of the next day in Shanghai.
      const late = Math.floor((started - 3 * DAY) / DAY) * DAY + 23.5 * HOUR
      await hazard('cam-zone', late)
      await round()
      expect(await days('cam-zone')).toEqual([counted(late, 1)])
      expect(dayOf(late)).toBe(dayOf(late + 2 * HOUR))
      expect(dayOf(late)).not.toBe(dayOf(late - 8 * HOUR))
    })

    test('the API reads pages and days alike', async () => {
      const from = ago(11)
      for (let n = 0; n < 4; n += 1) await hazard('cam-api', from + n * MINUTE)
      await round()
      const items: EventItem[] = []
      let cursor: string | undefined
      do {
        const page: List<EventItem> = await listEvents(
          database,
          { source: ['cam-api'], limit: 5, cursor },
          { from, to: from + DAY },
          { camera: () => null },
        )
        items.push(...page.items)
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      expect(items).toHaveLength(12)
      expect(items.map(({ at }) => at)).toEqual(
        items
          .map(({ at }) => at)
          .sort()
          .reverse(),
      )
      const newest = await listEvents(
        database,
        { type: ['object_left', 'fire'], kind: ['end'], limit: 2 },
        { from, to: from + DAY },
        { camera: () => null },
      )
      expect(newest.items).toEqual(items.filter(({ kind }) => kind === 'end').slice(0, 2))
      expect(newest.next).not.toBeNull()
      const { days: found } = await countEventDays(
        database,
        { source: ['cam-api'], bucket: 'day', limit: 50 },
        { from, to: from + HOUR },
      )
      expect(found).toEqual([
        { day: dayOf(from).slice(0, 10), type: 'object_left', starts: 4, updates: 4, ends: 4 },
      ])
    })

    test('what comes days later is counted on its day, once', async () => {
      const past = ago(5)
      await hazard('cam-late', past)
      await round()
      expect(await days('cam-late')).toEqual([counted(past, 1)])
      await hazard('cam-late', past + MINUTE)
      await hazard('cam-late', started)
      await round()
      await round()
      expect(await days('cam-late')).toEqual([counted(past, 2), counted(started, 1)])
    })

    test('readings sent twice are there once; bad ones are in no average', async () => {
      const hour = Math.floor((started - 2 * DAY) / HOUR) * HOUR
      const packet = [
        [hour, 10, 'N'],
        [hour + MINUTE, 30, null],
        [hour + 2 * MINUTE, 999, 'D'],
        [hour + 3 * MINUTE, null, 'B'],
      ] as const
      expect(await read('dev-1', packet)).toBe(4)
      expect(await read('dev-1', packet)).toBe(0)
      await round()
      const [first, ...more] = await hours('dev-1')
      expect(more).toEqual([])
      expect(first).toEqual({
        hour: new Date(hour),
        factor: 'a34004',
        period: 'instant',
        statistic: 'value',
        n: '2',
        min: 10,
        avg: 20,
        max: 30,
        flagged: '2',
      })
    })

    test('a reading of this minute is in its hour at once, and one of last week after the next round', async () => {
      await read('dev-2', [[started, 7, 'N']])
      expect(await hours('dev-2')).toMatchObject([{ n: '1', avg: 7 }])
      const week = Math.floor((started - 7 * DAY) / HOUR) * HOUR
      await read('dev-2', [[week, 1, 'N']])
      await round()
      await read('dev-2', [[week + MINUTE, 3, 'N']])
      await round()
      expect(await hours('dev-2')).toMatchObject([
        { hour: new Date(week), n: '2', min: 1, avg: 2, max: 3 },
        { n: '1', avg: 7 },
      ])
    })

    test('days that are compressed (where that is possible) answer as before, also to what comes late', async () => {
      const past = ago(AGO.compressed)
      const id = await hazard('cam-packed', past)
      await read('dev-packed', [[past, 5, 'N']])
      await lateRound()
      const { rows } = await database.query<{ packed: number }>(
        mode === 'native_partitions'
          ? 'select 0 as packed'
          : 'select count(*)::int as packed from timescaledb_information.chunks where is_compressed',
      )
      if (mode === 'hypertable_full') expect(rows[0]?.packed).toBeGreaterThanOrEqual(2)
      else expect(rows[0]?.packed).toBe(0)
      await hazard('cam-packed', past + MINUTE)
      expect(
        await read('dev-packed', [
          [past, 5, 'N'],
          [past + MINUTE, 9, 'N'],
        ]),
      ).toBe(1)
      await round()
      const found = await database.query<{ kind: string; state: { id: string } }>(
        `select kind, state from events where source_id = 'cam-packed' and at < $1
          order by at desc, event_id desc, epoch desc, seq desc`,
        [new Date(past + 30_000)],
      )
      expect(found.rows.map((row) => row.kind)).toEqual(['end', 'update', 'start'])
      expect(found.rows[0]?.state.id).toBe(id)
      expect(await days('cam-packed')).toEqual([counted(past, 2)])
      expect(await hours('dev-packed')).toMatchObject([{ n: '2', avg: 7 }])
    })

    test('retention deletes raw rows by day and keeps what was counted', async () => {
      const past = ago(AGO.deleted)
      await hazard('cam-old', past)
      await read('dev-old', [[past, 5, 'N']])
      await round()
      keeping = { events: 20, readings: 20 }
      worker = maintenance(keeping)
      await round()
      await lateRound()
      const left = async (camera: string) =>
        (await database.query('select from events where source_id = $1', [camera])).rows.length
      expect(await left('cam-old')).toBe(0)
      expect(await left('cam-packed')).toBe(6)
      expect(await days('cam-old')).toEqual([counted(past, 1)])
      expect(await hours('dev-old')).toMatchObject([{ n: '1' }])
    })

    test('a row that comes after its day was deleted does not spoil what was counted of it', async () => {
      const past = ago(AGO.deleted)
      // Two, so that counting what is left would be another number.
      await hazard('cam-old', past + MINUTE)
      await hazard('cam-old', past + 2 * MINUTE)
      await round()
      await round()
      expect(await days('cam-old')).toEqual([counted(past, 1)])
      if (mode !== 'hypertable_full')
        expect(metrics.counts.get('history_late_ignored_total{rollup=event_days}')).toBe(6)
    })

    test('another time zone: what raw rows are left for is counted anew, or the health says why not', async () => {
      await database.query(
        `update config_objects set body = jsonb_set(body, '{timezone}', '"Asia/Tokyo"') where kind = 'city'`,
      )
      const before = await days('cam-old')
      await round()
      const { problems } = await readHistoryHealth(database)
      if (mode === 'hypertable_full') {
        const { rows } = await database.query<{ zone: string }>(
          `select distinct to_char(day at time zone 'Asia/Tokyo', 'HH24:MI') as zone from event_days`,
        )
        expect(rows).toEqual([{ zone: '00:00' }])
        // Days are made of hours, and those are still there.
        const old = await database.query(
          "select sum(starts)::int as n from event_days where source_id = 'cam-old'",
        )
        expect(old.rows).toEqual([{ n: 1 }])
      } else {
        expect(problems.join()).toContain('Asia/Tokyo')
        expect(await days('cam-old')).toEqual(before)
      }
    })
  })
}
