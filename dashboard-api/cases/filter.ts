import { z } from 'zod'
import { dueIn } from '../../core/case/clocks.ts'
import { CASE_GROUPS, type CaseGroup, IN_HAND, SOON_MS } from '../../core/case/groups.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import { CASE_CLOCKS, CASE_STATES, type CaseState, CLOCK_TIMES } from '../../core/case/words.ts'
import type { EpochMs } from '../../core/units.ts'
import { CITY_WIDE_CASES, limitedTo, type PersonActor } from '../auth/people.ts'
import type { City } from '../city.ts'
import type { createConditions } from '../http/paging.ts'
import { addMine, CASE_OF_DEPARTMENT } from './rows.ts'

/** `a,b` → ['a', 'b'] */
const states = z
  .string()
  .max(500)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(CASE_STATES)).min(1))

/** What lists of cases, their counts and their export are narrowed by. */
export const caseFilterQuery = {
  state: states.optional(),
  department: z.string().max(64).optional(),
  /** Only those that wait for a move of mine. */
  mine: z.enum(['true', 'false']).optional(),
  group: z.enum(CASE_GROUPS).optional(),
  /** Part of the number, of the place or of the camera's id. */
  q: z.string().trim().max(100).optional(),
}

export interface CaseFilter {
  readonly state?: readonly CaseState[] | undefined
  readonly department?: string | undefined
  readonly mine?: 'true' | 'false' | undefined
  readonly group?: CaseGroup | undefined
  readonly q?: string | undefined
}

type Conditions = ReturnType<typeof createConditions>

/** The filter and the reader's right, as conditions on `cases c`. */
export function addCaseFilter(
  where: Conditions,
  filter: CaseFilter,
  { actor, city, now }: { readonly actor: PersonActor; readonly city: City; readonly now: EpochMs },
): void {
  if (filter.state) where.add('c.state = any($?)', filter.state)
  if (filter.department !== undefined) where.add(CASE_OF_DEPARTMENT, filter.department)
  if (filter.mine === 'true') addMine(where, actor)
  if (filter.q) where.add(SEARCH, `%${filter.q.replaceAll(/[\\%_]/g, '\\$&')}%`)
  if (filter.group) {
    const values: unknown[] = []
    const sql = groupSql(filter.group, { city, now }, (value) => `$?${values.push(value)}`)
    where.addAll(sql, values)
  }
  const department = limitedTo(actor, CITY_WIDE_CASES)
  if (department !== null) where.add(CASE_OF_DEPARTMENT, department)
}

const SEARCH =
  "(c.no ilike $? or c.place ->> 'address' ilike $? or c.place ->> 'grid' ilike $? or c.camera ilike $?)"

/** Condition of a group; `param` takes a value and gives its place in the statement. */
export function groupSql(
  group: CaseGroup,
  { city, now }: { readonly city: City; readonly now: EpochMs },
  param: (value: unknown) => string,
): string {
  switch (group) {
    case 'accept':
      return "c.state = 'pending_accept'"
    case 'handling':
      return `c.state = any(${param(IN_HAND)}::text[])`
    case 'check':
      return "c.state = 'pending_check'"
    case 'overdue':
      return `c.due_at < ${param(new Date(now))}::timestamptz`
    case 'soon': {
      const schedule = scheduleOf(city.facts)
      const limits = CASE_CLOCKS.flatMap((kind) =>
        CLOCK_TIMES.map((time) => {
          const until = new Date(dueIn(SOON_MS[kind], time, now, schedule))
          return `when '${kind} ${time}' then ${param(until)}::timestamptz`
        }),
      )
      return `c.due_at >= ${param(new Date(now))}::timestamptz and c.due_at <= case
        (c.body #>> '{clock,kind}') || ' ' || coalesce(c.body #>> '{clock,time}', 'calendar') ${limits.join(' ')} end`
    }
  }
}
