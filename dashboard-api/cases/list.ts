import type { CaseCounts } from '../../core/api/case-lists.ts'
import type { CaseItem, List } from '../../core/api/shapes.ts'
import { CASE_GROUPS } from '../../core/case/groups.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { PersonActor } from '../auth/people.ts'
import type { City, CityReader } from '../city.ts'
import { createConditions, cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'
import { addCaseFilter, type CaseFilter, groupSql } from './filter.ts'
import { type CaseRow, SELECT_CASES, toCaseItem } from './rows.ts'

const CASE_NO = /^\d{4}-\d{6,}$/
/** Lines of a workbook: more than an office looks through, less than what fills the memory. */
export const MAX_SHEET_ROWS = 10_000

type Sort = 'filed' | 'due'
interface Paging {
  readonly sort: Sort
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Where cases without a clock stand in a list by time left: at its end. */
const DUE = "coalesce(c.due_at, timestamptz '9999-12-31 00:00Z')"
const ORDER: Readonly<Record<Sort, string>> = {
  filed: 'c.filed_at desc, c.no desc',
  due: `${DUE}, c.no`,
}

/** Lists of the cases that a person may see. */
export interface CaseLists {
  list(filter: CaseFilter & Paging, actor: PersonActor): Promise<List<CaseItem>>
  counts(filter: Pick<CaseFilter, 'department' | 'q'>, actor: PersonActor): Promise<CaseCounts>
  /** All of a filter at one moment. Throws `too_large` beyond MAX_SHEET_ROWS. */
  all(filter: CaseFilter & { readonly sort: Sort }, actor: PersonActor): Promise<readonly CaseItem[]>
}

export function createCaseLists(deps: { database: Database; city: CityReader; clock: Clock }): CaseLists {
  const { database, clock } = deps
  const conditions = (filter: CaseFilter, actor: PersonActor, city: City) => {
    const where = createConditions()
    addCaseFilter(where, filter, { actor, city, now: clock.now() })
    return where
  }
  return {
    async list(filter, actor) {
      const city = await deps.city.read()
      const where = conditions(filter, actor, city)
      const cursor = decodeCursor(filter.cursor, CASE_NO)
      if (filter.sort === 'filed') where.after(cursor, 'c.filed_at', 'c.no', 'text')
      else if (cursor)
        where.addAll(
          `(${DUE}, c.no) > (timestamptz 'epoch' + $?1::bigint * interval '1 microsecond', $?2::text)`,
          [cursor.micros, cursor.key],
        )
      where.params.push(filter.limit + 1)
      const sql = `select found.*, ${microsOf('due')} as due_micros from (
          ${SELECT_CASES.replace(' from cases c', `, ${DUE} as due from cases c`)} where ${where.sql()}
          order by ${ORDER[filter.sort]} limit $${where.params.length}) as found`
      const { page, asOf } = await readPage(database, (tx) =>
        tx.query<CaseRow & { due_micros: string }>(sql, where.params),
      )
      const { rows, next } = cutPage(page.rows, filter.limit, (row) => ({
        micros: filter.sort === 'due' ? row.due_micros : row.filed_micros,
        key: row.no,
      }))
      return { items: rows.map((row) => toCaseItem(row, city)), next, asOf }
    },
    async counts(filter, actor) {
      const city = await deps.city.read()
      const where = conditions(filter, actor, city)
      const now = clock.now()
      const param = (value: unknown) => `$${where.params.push(value)}`
      const condition = where.sql()
      const groups = CASE_GROUPS.map(
        (group) => `count(*) filter (where ${groupSql(group, { city, now }, param)})::int as "${group}"`,
      )
      const { rows } = await database.query<CaseCounts>(
        `select count(*)::int as open, ${groups.join(', ')} from cases c
          where c.state not in ('closed', 'voided') and ${condition}`,
        where.params,
      )
      return rows[0] ?? { open: 0, accept: 0, handling: 0, soon: 0, overdue: 0, check: 0 }
    },
    async all(filter, actor) {
      const city = await deps.city.read()
      const where = conditions(filter, actor, city)
      where.params.push(MAX_SHEET_ROWS + 1)
      const { rows } = await database.query<CaseRow>(
        `${SELECT_CASES} where ${where.sql()} order by ${ORDER[filter.sort]} limit $${where.params.length}`,
        where.params,
      )
      if (rows.length > MAX_SHEET_ROWS)
        throw new SharpEyesError(
          'too_large',
          `more than ${MAX_SHEET_ROWS} cases match: narrow the filter (state, department, group, q)`,
        )
      return rows.map((row) => toCaseItem(row, city))
    },
  }
}
