/** Rights of a person. Officers belong to a department; the other roles are city-wide. */
export const ROLES = ['operator', 'officer', 'verifier', 'investigator', 'auditor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who does something: a logged-in person, or a named part of the machine (`timer`, `route`, `auto-file:<rule>`). */
export type Actor =
  | {
      readonly kind: 'person'
      readonly name: string
      readonly roles: readonly Role[]
      readonly department: string | null
    }
  | { readonly kind: 'machine'; readonly name: string }

export const hasRole = (actor: Actor, role: Role): boolean =>
  actor.kind === 'person' && actor.roles.includes(role)
