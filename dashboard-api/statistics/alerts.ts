import type { AlarmStatistics } from '../../core/api/statistics.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { type Grouping, NO_KEY } from '../../core/statistics/figures.ts'
import type { Share } from '../../core/statistics/judge.ts'
import type { City } from '../city.ts'
import { createConditions } from '../http/paging.ts'
import type { Period } from './period.ts'

/** Judged alerts opened in the period; `type` and `grid` as at its opening. */
export interface JudgedAlerts {
  readonly period: Period
  readonly type?: string | undefined
  readonly grid?: string | undefined
}

const GRID = `coalesce(a.place ->> 'grid', '${NO_KEY}')`

/** SQL of a row's key, `$?` the time zone; a rejected alert has no department. */
const KEYS: Readonly<Record<Exclude<Grouping, 'department'>, string>> = {
  type: 'a.type',
  grid: GRID,
  day: `to_char(a.opened_at at time zone $?, 'YYYY-MM-DD')`,
  month: `to_char(a.opened_at at time zone $?, 'YYYY-MM')`,
}

/** `where` of `alerts a`. */
export function judgedAlerts({ period, type, grid }: JudgedAlerts) {
  const where = createConditions()
  where.add('a.opened_at >= $?', new Date(period.span.from))
  where.add('a.opened_at < $?', new Date(period.span.to))
  where.addAll('a.verdict is not null', [])
  if (type !== undefined) where.add('a.type = $?', type)
  if (grid !== undefined) where.add(`${GRID} = $?`, grid)
  return where
}

/** Only the rows of one key. */
export function addKey(
  where: ReturnType<typeof createConditions>,
  by: Exclude<Grouping, 'department'>,
  key: string,
  timezone: string,
): void {
  const timed = by === 'day' || by === 'month'
  where.addAll(`${KEYS[by].replace('$?', '$?1')} = $?${timed ? 2 : 1}`, timed ? [timezone, key] : [key])
}

/** Rejected of judged, by key. */
export async function countFalseAlarms(
  tx: Queryable,
  asked: JudgedAlerts,
  by: Exclude<Grouping, 'department'>,
): Promise<Map<string, Share>> {
  const where = judgedAlerts(asked)
  const zone = KEYS[by].includes('$?') ? where.params.push(asked.period.timezone) : 0
  const { rows } = await tx.query<{ key: string } & Share>(
    `select ${KEYS[by].replace('$?', () => `$${zone}`)} as key,
            count(*) filter (where a.verdict = 'rejected')::int as numerator, count(*)::int as denominator
       from alerts a where ${where.sql()} group by 1`,
    where.params,
  )
  return new Map(rows.map(({ key, numerator, denominator }) => [key, { numerator, denominator }]))
}

/** The ten with the most false alarms; of as many, the one with the larger share. */
export async function worstRules(
  tx: Queryable,
  asked: JudgedAlerts,
  city: City,
): Promise<AlarmStatistics['falseAlarms']> {
  const where = judgedAlerts(asked)
  const { rows } = await tx.query<
    { source_kind: 'camera' | 'sensor'; source_id: string; rule_id: string; type: string } & Share
  >(
    `select a.source_kind, a.source_id, a.rule_id, a.type,
            count(*) filter (where a.verdict = 'rejected')::int as numerator, count(*)::int as denominator
       from alerts a where ${where.sql()} group by 1, 2, 3, 4
     having count(*) filter (where a.verdict = 'rejected') > 0
      order by numerator desc, denominator, a.source_id, a.rule_id limit 10`,
    where.params,
  )
  return rows.map((row) => ({
    source: row.source_id,
    sourceName: (row.source_kind === 'camera' ? city.camera(row.source_id) : city.sensor(row.source_id))
      ?.name ?? {
      zh: row.source_id,
      en: row.source_id,
    },
    rule: row.rule_id,
    type: row.type,
    share: { numerator: row.numerator, denominator: row.denominator },
  }))
}
