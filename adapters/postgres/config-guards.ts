import type { Actor } from '../../core/actor.ts'
import type { ConfigBody, ConfigKind } from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { StoredObject } from './config-store.ts'

/**
 * What a valid configuration may still not do from a desk: leave the site without an admin, take the sender's own admin
 * rights, or remove a department whose cases are open. `body` null: the object leaves. The caller holds `LOCK_CONFIG`.
 * Throws `state_conflict` with the way out.
 */
export async function guardDesk(
  tx: Queryable,
  all: readonly StoredObject[],
  change: { readonly kind: ConfigKind; readonly id: string; readonly body: ConfigBody | null },
  actor: Actor,
): Promise<void> {
  if (change.kind === 'user') guardAdmins(all, change, actor)
  if (change.kind === 'department' && change.body === null) await guardCases(tx, change.id)
}

const isAdmin = (body: ConfigBody): boolean => Array.isArray(body.roles) && body.roles.includes('admin')

function guardAdmins(
  all: readonly StoredObject[],
  { id, body }: { readonly id: string; readonly body: ConfigBody | null },
  actor: Actor,
): void {
  const old = all.find((each) => each.kind === 'user' && each.id === id)
  if (!old || !isAdmin(old.body) || (body && isAdmin(body))) return
  if (actor.name === id)
    throw new SharpEyesError(
      'state_conflict',
      'roles: nobody takes the own role admin; another admin has to do it',
      { details: { why: 'own_admin' } },
    )
  if (!all.some((each) => each.kind === 'user' && each.id !== id && isAdmin(each.body)))
    throw new SharpEyesError(
      'state_conflict',
      `roles: ${id} is the last admin; give somebody else the role first`,
      { details: { why: 'last_admin', id } },
    )
}

async function guardCases(tx: Queryable, department: string): Promise<void> {
  const { rows } = await tx.query<{ no: string; n: string }>(
    `select no, count(*) over () as n from cases
      where (lead = $1 or $1 = any(assist)) and state not in ('closed', 'voided') order by no limit 3`,
    [department],
  )
  const open = Number(rows[0]?.n ?? 0)
  if (open === 0) return
  const cases = `${rows.map(({ no }) => no).join(', ')}${open > rows.length ? ' …' : ''}`
  throw new SharpEyesError(
    'state_conflict',
    `department ${department} has ${open} open cases (${cases}): close them or dispatch them to another department first`,
    { details: { why: 'open_cases', openCases: open, cases } },
  )
}
