import type { Reading } from '../reading.ts'
import type { EpochMs } from '../units.ts'

/** A later word on readings that are stored: by a person, or by the device that sent a reading again with another flag. */
export interface ReadingMark {
  /** Grows with each mark; decimal text of a bigint. */
  readonly id: string
  /** Reading times, both included. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** Null: readings of every period and statistic. */
  readonly series: Pick<Reading, 'period' | 'statistic'> | null
  readonly flag: string
  readonly by: 'person' | 'device'
  /** When a person wrote it, or when the device's packet came. */
  readonly madeAt: EpochMs
}

/** A reading as it is stored. `value` is as the device sent it. */
export interface StoredReading extends Omit<Reading, 'factor'> {
  readonly receivedAt: EpochMs
}

/**
 * The mark that stands for a reading; null: its own flag does. A person's word is above the device's, and of equals the
 * later one counts, whatever came here first: the order of arrival decides nothing.
 */
export function markOf(reading: StoredReading, marks: readonly ReadingMark[]): ReadingMark | null {
  return marks
    .filter((mark) => covers(mark, reading))
    .filter((mark) => mark.by === 'person' || mark.madeAt > reading.receivedAt)
    .reduce<ReadingMark | null>((best, mark) => (best && !outranks(mark, best) ? best : mark), null)
}

export const flagOf = (reading: StoredReading, marks: readonly ReadingMark[]): string | null =>
  (marks.length === 0 ? null : markOf(reading, marks)?.flag) ?? reading.flag

const covers = ({ from, to, series }: ReadingMark, { at, period, statistic }: StoredReading): boolean =>
  from <= at && at <= to && (!series || (series.period === period && series.statistic === statistic))

function outranks(a: ReadingMark, b: ReadingMark): boolean {
  if (a.by !== b.by) return a.by === 'person'
  if (a.madeAt !== b.madeAt) return a.madeAt > b.madeAt
  return BigInt(a.id) > BigInt(b.id)
}
