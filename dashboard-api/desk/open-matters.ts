import type { OpenMatters } from '../../core/api/desk.ts'
import type { CaseState } from '../../core/case/words.ts'
import type { Severity } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { NOT_MUTED } from '../alerts/rows.ts'
import { countSeverities, severitiesOf, TO_VERIFY } from './counts.ts'

const LISTED = 50
/** States that an operator moves on. */
const WAIT_FOR_OPERATOR: readonly CaseState[] = [
  'pending_dispatch',
  'pending_close',
  'return_requested',
  'extension_requested',
]

interface OpenCase {
  readonly no: string
  readonly state: CaseState
  readonly type: string
  readonly severity: Severity
  readonly place: OpenMatters['cases'][number]['place']
  readonly due_at: Date | null
  readonly overdue: boolean
  readonly waits: boolean
  readonly waiting: number
  readonly late: number
}

/** What the one who goes leaves to the one who comes. */
export async function readOpenMatters(tx: Queryable): Promise<OpenMatters> {
  const alerts = await tx.query<Record<`s${1 | 2 | 3 | 4}`, number>>(
    `select ${countSeverities()} from alerts a where ${TO_VERIFY}`,
  )
  const severities = severitiesOf(alerts.rows[0] ?? { s1: 0, s2: 0, s3: 0, s4: 0 })
  const cases = await tx.query<OpenCase>(
    `select no, state, type, severity, place, due_at, overdue, waits,
            count(*) filter (where waits) over ()::int as waiting, count(*) filter (where overdue) over ()::int as late
       from (select c.no, c.state, c.type, c.severity, c.place, d.at as due_at, c.state = any($1) as waits,
                    coalesce(d.at <= now(), false) as overdue
               from cases c, lateral (select coalesce(c.accept_due_at, c.handle_due_at, c.check_due_at) as at) d
              where c.state not in ('closed', 'voided')) open
      where waits or overdue
      order by overdue desc, due_at nulls last, severity, no limit $2`,
    [WAIT_FOR_OPERATOR, LISTED],
  )
  const mutes = await tx.query<{
    id: string
    type: string
    severity: Severity
    muted_until: Date
    muted_by: string
    muted_reason: string
    total: number
  }>(
    `select id, type, severity, muted_until, muted_by, muted_reason, count(*) over ()::int as total from alerts a
      where a.verdict is null and not ${NOT_MUTED} order by muted_until, id limit $1`,
    [LISTED],
  )
  const dead = await tx.query<{ n: number }>(
    `select count(*)::int as n from notifications n where n.state = 'dead' and (
       exists (select 1 from cases c where n.group_kind = 'case' and c.no = n.group_id
                 and c.state not in ('closed', 'voided'))
       or exists (select 1 from alerts a where n.group_kind = 'alert' and a.id::text = n.group_id
                    and a.state <> 'resolved' and a.verdict is distinct from 'rejected'))`,
  )
  return {
    toVerify: severities[1] + severities[2] + severities[3] + severities[4],
    severities,
    waiting: cases.rows[0]?.waiting ?? 0,
    overdue: cases.rows[0]?.late ?? 0,
    muted: mutes.rows[0]?.total ?? 0,
    dead: dead.rows[0]?.n ?? 0,
    cases: cases.rows.map(({ no, state, type, severity, place, due_at, overdue }) => ({
      no,
      state,
      type,
      severity,
      place,
      dueAt: due_at?.toISOString() ?? null,
      overdue,
    })),
    mutes: mutes.rows.map(({ id, type, severity, muted_until, muted_by, muted_reason }) => ({
      alert: id,
      type,
      severity,
      until: muted_until.toISOString(),
      by: muted_by,
      reason: muted_reason,
    })),
  }
}
