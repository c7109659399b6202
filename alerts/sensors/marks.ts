import type { Queryable } from '../../core/ports/database.ts'
import type { Reading } from '../../core/reading.ts'
import type { ReadingMark } from '../../core/sensors/marks.ts'
import type { EpochMs } from '../../core/units.ts'

/** Readings of one factor of one device in [from, to]. */
export interface MarkedSpan {
  readonly device: string
  readonly factor: string
  readonly from: EpochMs
  readonly to: EpochMs
}

interface MarkRow {
  readonly device: string
  readonly factor: string
  readonly id: string
  readonly period: Reading['period'] | null
  readonly statistic: Reading['statistic'] | null
  readonly from_at: Date
  readonly to_at: Date
  readonly flag: string
  readonly actor_kind: 'person' | 'device'
  readonly made_at: Date
}

export const spanKey = ({ device, factor }: Pick<MarkedSpan, 'device' | 'factor'>): string =>
  `${device}\n${factor}`

/** Marks that concern any of the spans, by device and factor. A device's other value is no mark: it has no flag. */
export async function readMarks(
  tx: Queryable,
  spans: readonly MarkedSpan[],
): Promise<ReadonlyMap<string, readonly ReadingMark[]>> {
  const iso = (at: EpochMs) => new Date(at).toISOString()
  const { rows } = await tx.query<MarkRow>(
    `select m.device, m.factor, m.id, m.period, m.statistic, m.from_at, m.to_at, m.flag, m.actor_kind, m.made_at
       from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as s (device, factor, low, high)
       join reading_marks m on m.device = s.device and m.factor = s.factor and m.from_at <= s.high and m.to_at >= s.low
      where m.flag is not null`,
    [
      spans.map(({ device }) => device),
      spans.map(({ factor }) => factor),
      spans.map(({ from }) => iso(from)),
      spans.map(({ to }) => iso(to)),
    ],
  )
  return Map.groupBy(rows.map(toMark), ({ key }) => key)
}

const toMark = (row: MarkRow): ReadingMark & { readonly key: string } => ({
  key: spanKey(row),
  id: row.id,
  from: row.from_at.getTime(),
  to: row.to_at.getTime(),
  series: row.period && row.statistic ? { period: row.period, statistic: row.statistic } : null,
  flag: row.flag,
  by: row.actor_kind,
  madeAt: row.made_at.getTime(),
})
