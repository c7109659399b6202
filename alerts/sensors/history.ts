import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports.ts'
import type { ReadingHistory } from '../../core/sensors/judge.ts'
import type { Judgeable } from '../../core/sensors/limit.ts'
import { type Period, statisticOf, toJudgeable } from '../../core/sensors/series.ts'
import type { EpochMs } from '../../core/units.ts'
import { readMarks, spanKey } from './marks.ts'
import type { SensorRecord } from './record.ts'

const PAGE = 2_000

/**
 * The stored readings of a sensor's series that its limit may judge, a page at a time: however far it is read, no more is
 * in memory than that.
 */
export function readingHistory(
  tx: Queryable,
  sensor: SensorConfig,
  { device, factor, judged }: SensorRecord,
  period: Period,
): ReadingHistory {
  const statistic = statisticOf(period)

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
      for await (const page of pages(judged.judgedFrom, at, true)) yield* page
    },
    async *after(at) {
      const from = Math.max(at ?? Number.NEGATIVE_INFINITY, judged.judgedFrom ?? Number.NEGATIVE_INFINITY)
      for await (const page of pages(Number.isFinite(from) ? from : null, null, false)) yield* page
    },
  }
}

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString())
