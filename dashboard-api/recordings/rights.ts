import type { Role } from '../../core/actor.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import { limitedTo, type PersonActor } from '../auth/people.ts'

/** Who may look at what a camera recorded. Officers: at cameras of their open cases, in the time of the case. */
export const RECORDING_VIEWERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator']
/** Who may keep a range as evidence. */
export const RECORDING_KEEPERS: readonly Role[] = ['operator', 'investigator']

/** Who may see what was kept. Officers: of cases of their department. */
export const KEPT_READERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator', 'auditor']

/** How a hazard came about belongs to its case. */
const BEFORE_MS = 60_000

/** From when on a person may see a camera's recordings; null: all of them. Null rows: `not_found` was thrown before. */
export async function visibleFrom(
  tx: Queryable,
  camera: string,
  actor: PersonActor,
): Promise<EpochMs | null> {
  const department = limitedTo(actor, RECORDING_VIEWERS)
  if (department === null) return null
  const { rows } = await tx.query<{ since: Date | null }>(
    `select min(coalesce(a.since, c.filed_at)) as since from cases c left join alerts a on a.id = c.alert_id
      where c.camera = $1 and ($2 = c.lead or $2 = any(c.assist)) and c.state not in ('closed', 'voided')`,
    [camera, department],
  )
  const since = rows[0]?.since
  if (!since) throw new SharpEyesError('not_found', `there is no camera "${camera}"`)
  return since.getTime() - BEFORE_MS
}

export function refuseBefore(limit: EpochMs | null, at: EpochMs): void {
  if (limit === null || at >= limit) return
  throw new SharpEyesError(
    'forbidden',
    `recordings of this camera are yours to see from ${new Date(limit).toISOString()} on: the time of your department's open case`,
    { details: { visibleFrom: new Date(limit).toISOString() } },
  )
}
