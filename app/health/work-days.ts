import { KNOWN_YEARS } from '../../core/case/work-days.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { type HealthSource, poor, source, well } from './part.ts'

/** Deadlines reach into the next year weeks before it begins. */
const AHEAD_MS = 35 * 86_400_000

/** Years that clocks in working time need now and in the next weeks, and whose holidays are not known. */
export function missingYears(now: number, known: ReadonlySet<number> = KNOWN_YEARS): readonly number[] {
  const years = new Set([now, now + AHEAD_MS].map((at) => new Date(at).getUTCFullYear()))
  return [...years].filter((year) => !known.has(year))
}

export const guessedText = (years: readonly number[]): string =>
  `holidays of ${years.join(', ')} are not in this version: deadlines in working time count weekends as free and every other day as a work day; take a newer version`

/** Nothing where no route has `clock: working`. */
export const workDaysHealth = (
  db: Database,
  clock: Clock,
  known: ReadonlySet<number> = KNOWN_YEARS,
): HealthSource =>
  source('work days', async () => {
    const { rowCount } = await db.query(
      "select 1 from config_objects where kind = 'route' and removed_at is null and body ->> 'clock' = 'working' limit 1",
    )
    if (rowCount === 0) return []
    const missing = missingYears(clock.now(), known)
    if (missing.length === 0) return [well('work days', 'holidays of these weeks are known')]
    return [poor('work days', 'no_holidays', guessedText(missing), { years: missing.join(', ') })]
  })
