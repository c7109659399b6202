import type { Actor, Role } from '../../core/actor.ts'
import type { UserConfig } from '../../core/config/city.ts'
import type { Queryable } from '../../core/ports/database.ts'

export type PersonActor = Extract<Actor, { kind: 'person' }>

export interface Person {
  readonly actor: PersonActor
  readonly mustChange: boolean
  /** When the password was set; 0: there is none, and only an identity provider opens a session. A session remembers it: one that was opened with another password is over. */
  readonly passwordSince: number
}

/**
 * Rights as the configuration has them now, by name; a removed user is absent. Read on every request instead of
 * being kept in the session: who loses a role loses it at once.
 */
export async function findPeople(tx: Queryable, names: readonly string[]): Promise<Map<string, Person>> {
  const { rows } = await tx.query<{
    id: string
    body: UserConfig
    must_change: boolean | null
    changed_at: Date | null
  }>(
    `select u.id, u.body, c.must_change, c.changed_at
     from config_objects u left join credentials c on c.user_name = u.id
     where u.kind = 'user' and u.removed_at is null and u.id = any($1)`,
    [names],
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        actor: {
          kind: 'person',
          name: row.id,
          roles: row.body.roles,
          department: row.body.department ?? null,
        },
        mustChange: row.must_change ?? false,
        passwordSince: row.changed_at?.getTime() ?? 0,
      },
    ]),
  )
}

export const hasAny = (actor: PersonActor, roles: readonly Role[]): boolean =>
  actor.roles.some((role) => roles.includes(role))

/** Roles that see the whole city; whoever has only `officer` sees the matters of the own department. */
const CITY_WIDE: readonly Role[] = ['operator', 'verifier', 'investigator', 'auditor', 'admin']

/** Engineers keep the machine running; the city's cases are not their business (as `seesCase` of core). */
export const CITY_WIDE_CASES: readonly Role[] = CITY_WIDE.filter((role) => role !== 'admin')

/**
 * The department whose matters alone this person may see; null: the whole city. `allowed`: the roles that may see such
 * matters at all. Of a person with two roles only one that may counts: an officer who is an auditor too has no live
 * view of the city.
 */
export function limitedTo(actor: PersonActor, allowed: readonly Role[] = CITY_WIDE): string | null {
  if (actor.roles.some((role) => role !== 'officer' && allowed.includes(role))) return null
  // The city file demands a department of every officer; without one nothing is theirs.
  return actor.department ?? ''
}
