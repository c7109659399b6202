import type { AlertGroup, AlertGroups } from '../../core/api/desk.ts'
import type { Database } from '../../core/ports/database.ts'
import { type AlertRow, SELECT_ALERTS, toAlertItem } from '../alerts/rows.ts'
import type { CityReader } from '../city.ts'
import { readPage } from '../http/paging.ts'
import { countSeverities, severitiesOf, TO_VERIFY } from './counts.ts'

const LISTED = 500

interface GroupRow extends Record<`s${1 | 2 | 3 | 4}`, number> {
  readonly source_id: string
  readonly type: string
  readonly n: number
  readonly rules: number
  readonly first_at: Date
  readonly last_at: Date
  readonly newest: string
  readonly groups: number
  readonly alerts: number
}

/**
 * In a flood: one row for each place (camera or sensor) and type. In order of their first alert, so that a row stays
 * where it is while its count grows, and new groups come on top.
 */
export async function readAlertGroups(deps: { database: Database; city: CityReader }): Promise<AlertGroups> {
  const city = await deps.city.read()
  const { page, asOf } = await readPage(deps.database, async (tx) => {
    const { rows } = await tx.query<GroupRow>(
      `select g.*, count(*) over ()::int as groups, sum(n) over ()::int as alerts from (
         select a.source_id, a.type, count(*)::int as n, count(distinct a.rule_id)::int as rules,
                min(a.opened_at) as first_at, max(a.opened_at) as last_at,
                (array_agg(a.id order by a.opened_at desc, a.id desc))[1] as newest, ${countSeverities()}
           from alerts a where ${TO_VERIFY} group by a.source_id, a.type) g
        order by g.first_at desc, g.source_id, g.type limit ${LISTED}`,
    )
    const newest = await tx.query<AlertRow>(`${SELECT_ALERTS} where a.id = any($1)`, [
      rows.map((row) => row.newest),
    ])
    return { rows, newest: new Map(newest.rows.map((row) => [row.id, row])) }
  })
  const items = page.rows.flatMap((row): AlertGroup[] => {
    const newest = page.newest.get(row.newest)
    if (!newest) return []
    return [
      {
        id: `${row.source_id}|${row.type}`,
        n: row.n,
        severities: severitiesOf(row),
        rules: row.rules,
        firstAt: row.first_at.toISOString(),
        lastAt: row.last_at.toISOString(),
        newest: toAlertItem(newest, city),
      },
    ]
  })
  return { items, groups: page.rows[0]?.groups ?? 0, alerts: page.rows[0]?.alerts ?? 0, asOf }
}
