import type { Actor } from '../actor.ts'
import { EDGES, type MoveRefusal, rightsRefusal } from './rights.ts'
import { CASE_COMMANDS, type CaseCommandKind, type CaseState } from './words.ts'

export interface Move {
  readonly kind: CaseCommandKind
  readonly allowed: boolean
  /** A word of MOVE_REFUSALS; null when allowed. */
  readonly reason: MoveRefusal | null
}

/** Every command with the answer whether the actor may give it now, and why not. The same rules as `decide`. */
export function moves(
  facts: {
    readonly state: CaseState
    readonly lead: string | null
    readonly assist: readonly string[]
    readonly handlers: readonly string[]
  },
  actor: Actor,
): readonly Move[] {
  return CASE_COMMANDS.map((kind) => {
    const reason =
      rightsRefusal(facts, kind, actor) ?? (EDGES[kind].from.includes(facts.state) ? null : 'wrong_state')
    return { kind, allowed: reason === null, reason }
  })
}
