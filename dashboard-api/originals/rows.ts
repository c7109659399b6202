import type { NamedOwner } from '../../core/api/named-owner.ts'
import type { OriginalRequest, OriginalState } from '../../core/api/originals.ts'
import type { PersonActor } from '../auth/people.ts'
import type { City } from '../city.ts'
import { namedOwner, OWNER_COLUMNS, type OwnerRow, ownerJoins } from '../named-owner.ts'
import { OPEN_MS } from './seals.ts'

export interface RequestRow extends OwnerRow {
  readonly id: string
  readonly object: string
  readonly case_no: string | null
  readonly purpose: string
  readonly reason: string
  readonly requested_by: string
  readonly requested_at: Date
  readonly expires_at: Date
  readonly approved: boolean | null
  readonly decided_by: string | null
  readonly decided_at: Date | null
  readonly decision_reason: string | null
  readonly opened_at: Date | null
  readonly case_alert: string | null
}

export const SELECT_REQUESTS = `select r.*, c.alert_id as case_alert, ${OWNER_COLUMNS} from original_requests r
  ${ownerJoins("split_part(r.object, ':', 1)", "split_part(r.object, ':', 2)")}`

export function toRequest(
  row: RequestRow,
  city: Pick<City, 'camera' | 'sensor'>,
  actor: PersonActor,
  now: number,
): OriginalRequest {
  const at = row.object.indexOf(':')
  const kind = row.object.slice(0, at) as NamedOwner['kind']
  const object = row.object.slice(at + 1)
  const state = stateOf(row, now)
  const mine = row.requested_by === actor.name
  return {
    ...{ id: row.id, kind, object, caseNo: row.case_no, reason: row.reason, state },
    owner: namedOwner({ kind, id: object }, row, city),
    alert: kind === 'alert' ? object : row.case_alert,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionReason: row.decision_reason,
    mayDecide: state === 'pending' && !mine,
    mayOpen: mine && (state === 'approved' || state === 'opened'),
  }
}

function stateOf(row: RequestRow, now: number): OriginalState {
  if (row.approved === false) return 'refused'
  const expired = row.expires_at.getTime() <= now
  if (row.opened_at) return !expired && now - row.opened_at.getTime() < OPEN_MS ? 'opened' : 'used'
  if (expired) return 'expired'
  return row.approved ? 'approved' : 'pending'
}
