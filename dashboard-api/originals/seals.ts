import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { hasAny, type PersonActor } from '../auth/people.ts'
import type { CityReader } from '../city.ts'
import { ORIGINAL_VIEWERS } from './routes.ts'

/** An opening serves so long: a film is asked for in parts, and a person looks twice. */
export const OPEN_MS = 10 * 60_000

/** What another person has approved. */
export interface Approval {
  readonly request: string
  readonly reason: string
  readonly approvedBy: string
}

interface Asked {
  readonly variant: 'masked' | 'original'
  readonly reason?: string | undefined
}

/** The seal of unmasked originals. */
export interface Seals {
  /** Right first (403), then, where one person is enough, the written reason (422). Nothing for what is masked. */
  check(actor: PersonActor, asked: Asked): Promise<void>
  /**
   * Right before the first byte: where the city wants two persons, uses the approval that the person has for one of
   * `objects` (`alert:<id>`, `case:<no>`, `recording:<id>`), else throws `approval_required`. Null: no approval is needed.
   */
  open(actor: PersonActor, objects: readonly string[]): Promise<Approval | null>
}

export function createSeals(deps: { database: Database; city: CityReader; clock: Clock }): Seals {
  const { database, city, clock } = deps
  const twoPersons = async () => (await city.read()).facts.originals === 'two_person'
  return {
    async check(actor, { variant, reason }) {
      if (variant === 'masked') return
      if (!hasAny(actor, ORIGINAL_VIEWERS)) {
        throw new SharpEyesError(
          'forbidden',
          `the unmasked original needs the role ${ORIGINAL_VIEWERS.join(' or ')}`,
          { details: { roles: ORIGINAL_VIEWERS } },
        )
      }
      // Two characters are a reason in Chinese: 复核. With two persons the reason is the request's.
      if ((!reason || reason.length < 2) && !(await twoPersons())) {
        throw new SharpEyesError('invalid', 'reason: opening the unmasked original needs a written reason', {
          details: { why: 'reason_needed' },
        })
      }
    },
    async open(actor, objects) {
      if (!(await twoPersons())) return null
      const now = clock.now()
      // The opening that goes on comes first. Two parts that are asked for at once use the same one: the second waits.
      const { rows } = await database.query<{ id: string; reason: string; decided_by: string }>(
        `update original_requests set opened_at = coalesce(opened_at, $3)
          where id = (select id from original_requests
                       where requested_by = $1 and object = any($2) and approved and expires_at > $3
                         and (opened_at is null or opened_at > $4)
                       order by opened_at desc nulls last, requested_at limit 1 for update)
            and (opened_at is null or opened_at > $4)
         returning id, reason, decided_by`,
        [actor.name, objects, new Date(now), new Date(now - OPEN_MS)],
      )
      const used = rows[0]
      if (used) return { request: used.id, reason: used.reason, approvedBy: used.decided_by }
      throw new SharpEyesError(
        'approval_required',
        'two persons open a sealed original here: ask for it (POST /api/originals), let another investigator or auditor approve, then open it within 24 hours',
        { details: { objects } },
      )
    },
  }
}
