/** Rights of a person. Officers belong to a department; the other roles are city-wide. */
export const ROLES = ['operator', 'officer', 'verifier', 'investigator', 'auditor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * Parts of the machine that write entries of a log, by the name that the entries have: a start of the program, the clocks
 * of cases and of retention, the routes that dispatch, what sends notifications, what takes events in.
 */
export const MACHINE_ACTORS = ['start', 'timer', 'route', 'delivery', 'inbox'] as const
/** One of them, or a rule that files cases by itself. */
export type MachineActor = (typeof MACHINE_ACTORS)[number] | `auto-file:${string}`

/** By whom an entry is: an account, a part of the machine, or a user of the server's operating system who ran a command. */
export const ACTOR_KINDS = ['person', 'machine', 'command_line'] as const
export type ActorKind = (typeof ACTOR_KINDS)[number]

/** Names that read as the machine, in any case of letters: no account is created under one. */
const RESERVED_NAMES: readonly string[] = [...MACHINE_ACTORS, 'machine', 'system']
export const isReservedName = (name: string): boolean => RESERVED_NAMES.includes(name.toLowerCase())

/** Who does something: a logged-in person, or a part of the machine. */
export type Actor =
  | {
      readonly kind: 'person'
      readonly name: string
      readonly roles: readonly Role[]
      readonly department: string | null
    }
  | { readonly kind: 'machine'; readonly name: MachineActor }

export const hasRole = (actor: Actor, role: Role): boolean =>
  actor.kind === 'person' && actor.roles.includes(role)
