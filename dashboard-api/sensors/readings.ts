import type { MarkItem, ReadingItem } from '../../core/api/sensors.ts'
import { deviceOf, type SensorConfig } from '../../core/config/sensor.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Reading } from '../../core/reading.ts'
import { basisOf } from '../../core/sensors/flags.ts'
import { markOf, type ReadingMark, type StoredReading } from '../../core/sensors/marks.ts'
import { inUnit, type Period } from '../../core/sensors/series.ts'
import type { EpochMs } from '../../core/units.ts'
import type { CityReader } from '../city.ts'
import { spanOf } from '../events/span.ts'
import { createConditions, cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'
import type { SensorReader } from './sensors.ts'

const MAX_DAYS = 31

interface ReadingRow {
  readonly at: Date
  readonly received_at: Date
  readonly period: Period
  readonly statistic: Reading['statistic']
  readonly value: number | null
  readonly flag: string | null
  readonly micros: string
}

interface MarkRow {
  readonly id: string
  readonly from_at: Date
  readonly to_at: Date
  readonly period: Period | null
  readonly statistic: Reading['statistic'] | null
  readonly flag: string | null
  readonly value: number | null
  readonly reason: string
  readonly actor_kind: 'person' | 'device'
  readonly actor: string
  readonly made_at: Date
  readonly micros: string
}

/** Readings and marks of a sensor's factor, as they are stored. */
export function createReadingReader(deps: {
  readonly database: Database
  readonly city: CityReader
  readonly clock: Clock
  readonly sensors: SensorReader
}) {
  const { database, clock, sensors } = deps

  return {
    async readings(
      id: string,
      query: {
        readonly from?: EpochMs | undefined
        readonly to?: EpochMs | undefined
        readonly period?: Period | undefined
        readonly cursor?: string | undefined
        readonly limit: number
      },
    ) {
      const sensor = await sensors.find(id)
      const { facts } = await deps.city.read()
      const span = spanOf(query, { now: clock.now(), timezone: facts.timezone, maxDays: MAX_DAYS })
      const { page, asOf } = await readPage(database, async (tx) => {
        const period = query.period ?? (await judgedPeriod(tx, id)) ?? 'instant'
        const where = createConditions()
        where.addAll('device = $?1 and factor = $?2 and period = $?3', [
          deviceOf(sensor),
          sensor.factor,
          period,
        ])
        where.addAll('at >= $?1 and at < $?2', [new Date(span.from), new Date(span.to)])
        where.after(decodeCursor(query.cursor, /^[a-z]+$/), 'at', 'statistic', 'text')
        where.params.push(query.limit + 1)
        const { rows } = await tx.query<ReadingRow>(
          `select at, received_at, period, statistic, value, flag, ${microsOf('at')} as micros from readings
            where ${where.sql()} order by at desc, statistic desc limit $${where.params.length}`,
          where.params,
        )
        return { rows, marks: await readMarks(tx, sensor, rows) }
      })
      const { rows, next } = cutPage(page.rows, query.limit, ({ micros, statistic }) => ({
        micros,
        key: statistic,
      }))
      return { items: rows.map((row) => toReading(row, sensor, page.marks)), next, asOf, unit: sensor.unit }
    },

    async marks(id: string, query: { readonly cursor?: string | undefined; readonly limit: number }) {
      const sensor = await sensors.find(id)
      const where = createConditions()
      where.addAll('device = $?1 and factor = $?2', [deviceOf(sensor), sensor.factor])
      where.after(decodeCursor(query.cursor, /^\d{1,19}$/), 'made_at', 'id', 'bigint')
      where.params.push(query.limit + 1)
      const { page, asOf } = await readPage(database, (tx) =>
        tx.query<MarkRow>(
          `select *, ${microsOf('made_at')} as micros from reading_marks
            where ${where.sql()} order by made_at desc, id desc limit $${where.params.length}`,
          where.params,
        ),
      )
      const { rows, next } = cutPage(page.rows, query.limit, ({ micros, id }) => ({ micros, key: id }))
      return { items: rows.map(toMark), next, asOf }
    },
  }
}

async function judgedPeriod(tx: Queryable, id: string): Promise<Period | null> {
  const { rows } = await tx.query<{ period: Period | null }>(
    "select judgement ->> 'period' as period from sensor_state where sensor = $1",
    [id],
  )
  return rows[0]?.period ?? null
}

/** Marks that may stand for one of the readings. */
async function readMarks(
  tx: Queryable,
  sensor: SensorConfig,
  readings: readonly ReadingRow[],
): Promise<readonly ReadingMark[]> {
  const [latest, earliest] = [readings[0], readings.at(-1)]
  if (!latest || !earliest) return []
  const { rows } = await tx.query<MarkRow & { readonly flag: string }>(
    `select * from reading_marks
      where device = $1 and factor = $2 and from_at <= $3 and to_at >= $4 and flag is not null`,
    [deviceOf(sensor), sensor.factor, latest.at, earliest.at],
  )
  return rows.map((row) => ({
    id: row.id,
    from: row.from_at.getTime(),
    to: row.to_at.getTime(),
    series: row.period && row.statistic ? { period: row.period, statistic: row.statistic } : null,
    flag: row.flag,
    by: row.actor_kind,
    madeAt: row.made_at.getTime(),
  }))
}

function toReading(row: ReadingRow, sensor: SensorConfig, marks: readonly ReadingMark[]): ReadingItem {
  const { period, statistic, value, flag } = row
  const reading: StoredReading = {
    ...{ period, statistic, value, flag },
    at: row.at.getTime(),
    receivedAt: row.received_at.getTime(),
  }
  const mark = markOf(reading, marks)
  return {
    at: row.at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    period,
    statistic,
    value: value === null ? null : inUnit(sensor, value),
    raw: value,
    flag,
    mark: mark && { id: mark.id, flag: mark.flag, by: mark.by },
    basis: value === null ? 'none' : basisOf(mark?.flag ?? flag),
  }
}

const toMark = (row: MarkRow): MarkItem => ({
  id: row.id,
  from: row.from_at.toISOString(),
  to: row.to_at.toISOString(),
  period: row.period,
  statistic: row.statistic,
  flag: row.flag,
  raw: row.value,
  reason: row.reason,
  by: row.actor_kind,
  actor: row.actor,
  madeAt: row.made_at.toISOString(),
})
