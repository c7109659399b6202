import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'

/**
 * The next number YYYY-NNNNNN of the city's year. The counter's row stays locked until the transaction ends, so numbers
 * are gapless: a filing that fails gives its number back.
 */
export async function nextNumber(tx: Queryable, now: EpochMs, timezone: string): Promise<string> {
  const year = Number(new Intl.DateTimeFormat('en', { timeZone: timezone, year: 'numeric' }).format(now))
  const { rows } = await tx.query<{ last: number }>(
    `insert into case_numbers (year, last) values ($1, 1)
     on conflict (year) do update set last = case_numbers.last + 1 returning last`,
    [year],
  )
  return `${year}-${String(rows[0]?.last ?? 0).padStart(6, '0')}`
}
