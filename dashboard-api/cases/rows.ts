import type { CaseItem } from '../../core/api/shapes.ts'
import { guessedYears } from '../../core/case/clocks.ts'
import { EDGES } from '../../core/case/rights.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import type { CaseClock, CaseFacts } from '../../core/case/state.ts'
import type { CaseState } from '../../core/case/words.ts'
import type { PersonActor } from '../auth/people.ts'
import type { City } from '../city.ts'
import { type createConditions, microsOf } from '../http/paging.ts'

export interface CaseRow {
  readonly no: string
  readonly filed_micros: string
  readonly body: CaseFacts
  readonly held: boolean
}

/** `select … from cases c`: add `where` and `order by` after it. */
export const SELECT_CASES = `select c.no, ${microsOf('c.filed_at')} as filed_micros, c.body,
  exists (select from holds h where h.owner_kind = 'case' and h.owner_id = c.no and h.released_at is null) as held
  from cases c`

/** Row right of officers: lead or assistant. */
export const CASE_OF_DEPARTMENT = '(c.lead = $? or $? = any(c.assist))'

const iso = (at: number): string => new Date(at).toISOString()

export function toCaseItem({ body, held }: CaseRow, city: City): CaseItem {
  return {
    no: body.no,
    state: body.state,
    version: body.version,
    type: body.type,
    severity: body.severity,
    alertId: body.alertId,
    camera: body.camera,
    cameraName:
      body.camera === null ? null : (city.camera(body.camera)?.name ?? { zh: body.camera, en: body.camera }),
    place: body.place,
    lead: body.lead,
    leadName: body.lead === null ? null : city.departmentName(body.lead),
    assist: [...body.assist],
    filedBy: body.filedBy,
    filedAt: iso(body.filedAt),
    due: dueOf(body.clock, city),
    reworkCount: body.reworkCount,
    extensionCount: body.extensionCount,
    closedAt: body.closedAt === null ? null : iso(body.closedAt),
    held,
  }
}

function dueOf(clock: CaseClock | null, { facts }: City): CaseItem['due'] {
  return (
    clock && {
      clock: clock.kind,
      at: iso(clock.dueAt),
      time: clock.time ?? 'calendar',
      guessedYears: [...guessedYears(clock, scheduleOf(facts))],
    }
  )
}

/** States that wait for somebody: from the table of moves, without voiding and reopening, which nothing waits for. */
const waitingFor = (mover: 'operator' | 'lead' | 'verifier'): readonly CaseState[] => [
  ...new Set(
    Object.entries(EDGES).flatMap(([kind, edge]) =>
      edge.by === mover && !['void', 'reopen', 'suspend', 'resume'].includes(kind) ? edge.from : [],
    ),
  ),
]

/** Cases that wait for a move of this person (该你办). */
export function addMine(where: ReturnType<typeof createConditions>, actor: PersonActor): void {
  const params: unknown[] = []
  const parts: string[] = []
  const name = (value: unknown) => `$?${params.push(value)}`
  if (actor.roles.includes('operator')) parts.push(`c.state = any(${name(waitingFor('operator'))})`)
  if (actor.roles.includes('officer')) {
    parts.push(`c.lead = ${name(actor.department)} and c.state = any(${name(waitingFor('lead'))})`)
  }
  if (actor.roles.includes('verifier')) {
    parts.push(
      `c.state = any(${name(waitingFor('verifier'))}) and not jsonb_exists(c.body -> 'handlers', ${name(actor.name)})`,
    )
  }
  where.addAll(parts.length === 0 ? 'false' : parts.map((part) => `(${part})`).join(' or '), params)
}
