import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { ReadingHistory } from '../../core/sensors/judge.ts'
import type { Judgeable } from '../../core/sensors/limit.ts'
import { type Period, statisticOf, toJudgeable } from '../../core/sensors/series.ts'
import type { EpochMs } from '../../core/units.ts'
import { readMarks, spanKey } from './marks.ts'
import type { Judged, SensorRecord } from './record.ts'

const PAGE = 2_000

/** Readings up to it are not judged any more: by another limit or series they were, or they are deleted by now. Null: all are. */
export function judgedAfter({ judgedFrom }: Judged, keptFrom: EpochMs | null): EpochMs | null {
  if (keptFrom === null) return judgedFrom
  return Math.max(keptFrom - 1, judgedFrom ?? Number.NEGATIVE_INFINITY)
}

/**
 * The stored readings of a sensor's series that its limit may judge, a page at a time: however far it is read, no more is
 * in memory than that.
 *
 * @param keptFrom readings before it were deleted by retention; null: none were
 */
export function readingHistory(
  tx: Queryable,
  sensor: SensorConfig,
  { device, factor, judged }: SensorRecord,
  period: Period,
  keptFrom: EpochMs | null,
): ReadingHistory {
  const statistic = statisticOf(period)
  const lowest = judgedAfter(judged, keptFrom)

  async function* pages(after: EpochMs | null, before: EpochMs | null, latestFirst: boolean) {
    let [low, high] = [after, before]
    for (;;) {
      const { rows } = await tx.query<{
        at: Date
        received_at: Date
        value: number | null
        flag: string | null
      }>(
        `select at, received_at, value, flag from readings
          where device = $1 and factor = $2 and period = $3 and statistic = $4
            and at > coalesce($5::timestamptz, '-infinity') and at < coalesce($6::timestamptz, 'infinity')
          order by at ${latestFirst ? 'desc' : 'asc'} limit ${PAGE}`,
        [device, factor, period, statistic, iso(low), iso(high)],
      )
      const [first, last] = [rows[0], rows.at(-1)]
      if (!first || !last) return
      yield await judgeable(rows.map((row) => ({ ...row, at: row.at.getTime() })))
      if (rows.length < PAGE) return
      if (latestFirst) high = last.at.getTime()
      else low = last.at.getTime()
    }
  }

  async function judgeable(
    rows: readonly { at: EpochMs; received_at: Date; value: number | null; flag: string | null }[],
  ): Promise<readonly Judgeable[]> {
    const times = rows.map(({ at }) => at)
    const span = { device, factor, from: Math.min(...times), to: Math.max(...times) }
    const marks = (await readMarks(tx, [span])).get(spanKey(span)) ?? []
    return rows.flatMap(({ at, received_at, value, flag }) => {
      const reading = { at, receivedAt: received_at.getTime(), value, flag, period, statistic }
      return toJudgeable(sensor, reading, marks) ?? []
    })
  }

  return {
    async *before(at) {
      for await (const page of pages(lowest, at, true)) yield* page
    },
    async *after(at) {
      const from = Math.max(at ?? Number.NEGATIVE_INFINITY, lowest ?? Number.NEGATIVE_INFINITY)
      for await (const page of pages(Number.isFinite(from) ? from : null, null, false)) yield* page
    },
    async beginsInside() {
      if (keptFrom === null) return false
      const { rows } = await tx.query<{ inside: boolean }>(
        `select exists (select from sensor_episodes where sensor = $1 and type = 'exceedance' and void is null
                           and since < $2 and (ended_at is null or ended_at >= $2)) as inside`,
        [sensor.id, iso(keptFrom)],
      )
      return rows[0]?.inside ?? false
    },
  }
}

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString())
