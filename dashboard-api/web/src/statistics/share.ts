import type { Statistics, StatisticsRow } from '../../../../core/api/statistics.ts'
import { FIGURES, type Figure, type Part, SMALL_SAMPLE } from '../../../../core/statistics/figures.ts'

interface Share {
  readonly numerator: number
  readonly denominator: number
}

/** `93.1 %`; of nothing there is no share: a dash. */
export const percentText = ({ numerator, denominator }: Share): string =>
  denominator === 0 ? '—' : `${((numerator / denominator) * 100).toFixed(1)} %`

/** Too few to say much by: shown in grey. */
export const isSmall = ({ denominator }: Share): boolean => denominator < SMALL_SAMPLE

/** Address of the list that holds exactly a figure's cases or alerts. */
export function listPath(
  { from, to, by }: Pick<Statistics, 'from' | 'to' | 'by'>,
  filters: Readonly<Record<string, string | null>>,
  row: Pick<StatisticsRow, 'key'> | null,
  figure: Figure,
  part: Part,
): string {
  const params = new URLSearchParams({ from, to, by })
  if (row) params.set('key', row.key)
  for (const [name, value] of Object.entries(filters)) if (value) params.set(name, value)
  if (FIGURES[figure].of === 'cases') params.set('figure', figure)
  params.set('part', part)
  return `/statistics/${FIGURES[figure].of}?${params}`
}

/** First and last day of this month, the last one and this year, by the city's today (`YYYY-MM-DD`). */
export function presets(
  today: string,
): Readonly<Record<'month' | 'lastMonth' | 'year', readonly [string, string]>> {
  const monthStart = `${today.slice(0, 7)}-01`
  const lastEnd = new Date(Date.parse(monthStart) - 86_400_000).toISOString().slice(0, 10)
  return {
    month: [monthStart, today],
    lastMonth: [`${lastEnd.slice(0, 7)}-01`, lastEnd],
    year: [`${today.slice(0, 4)}-01-01`, today],
  }
}
