import { type Actor, hasRole, type Role } from '../actor.ts'
import { CASE_COMMANDS, type CaseCommandKind, type CaseState } from './words.ts'

/** Whose move it is. `lead`: an officer of the lead department. */
type Mover = 'operator' | 'lead' | 'verifier'

interface Edge {
  readonly by: Mover
  readonly from: readonly CaseState[]
}

const OPEN: readonly CaseState[] = [
  'pending_dispatch',
  'pending_accept',
  'handling',
  'return_requested',
  'extension_requested',
  'suspended',
  'pending_check',
  'pending_close',
]

/** The whole table of moves: who, and from where. Where to is in `evolve`. */
export const EDGES: Readonly<Record<CaseCommandKind, Edge>> = {
  dispatch: { by: 'operator', from: ['pending_dispatch'] },
  accept: { by: 'lead', from: ['pending_accept'] },
  report: { by: 'lead', from: ['handling'] },
  verify: { by: 'verifier', from: ['pending_check'] },
  close: { by: 'operator', from: ['pending_close'] },
  return: { by: 'lead', from: ['pending_accept', 'handling'] },
  extend: { by: 'lead', from: ['handling'] },
  decide: { by: 'operator', from: ['return_requested', 'extension_requested'] },
  suspend: { by: 'operator', from: ['handling'] },
  resume: { by: 'operator', from: ['suspended'] },
  void: { by: 'operator', from: OPEN },
  reopen: { by: 'operator', from: ['closed', 'voided'] },
}

/** Why a move is refused; stable words that a screen translates. */
export const MOVE_REFUSALS = {
  not_yours: { zh: '不属于您所在的部门', en: 'not a case of your department' },
  operator_only: { zh: '仅限值班员', en: 'for operators only' },
  lead_only: { zh: '仅限主办部门经办人', en: 'for officers of the lead department only' },
  verifier_only: { zh: '仅限核查员', en: 'for verifiers only' },
  handled_it: { zh: '处置人不得核查本案', en: 'who handled a case may not verify it' },
  wrong_state: { zh: '当前状态不允许', en: 'not in this state' },
} as const
export type MoveRefusal = keyof typeof MOVE_REFUSALS

interface Owned {
  readonly lead: string | null
  readonly assist: readonly string[]
}

/** Roles that see the cases of the whole city. */
const CITY_WIDE: readonly Role[] = ['operator', 'verifier', 'investigator', 'auditor']

/** Row right: city-wide roles and the machine see all cases, an officer those that name the own department. */
export function seesCase(actor: Actor, owned: Owned): boolean {
  if (actor.kind === 'machine') return true
  if (CITY_WIDE.some((role) => hasRole(actor, role))) return true
  const { department } = actor
  return (
    hasRole(actor, 'officer') &&
    department !== null &&
    (owned.lead === department || owned.assist.includes(department))
  )
}

const isOfficerOf = (actor: Actor, department: string | null): boolean =>
  actor.kind === 'person' &&
  hasRole(actor, 'officer') &&
  department !== null &&
  actor.department === department

/** Null: the actor may. Rights only: the state is another question. */
export function rightsRefusal(
  facts: Owned & { readonly handlers: readonly string[] },
  kind: CaseCommandKind,
  actor: Actor,
): MoveRefusal | null {
  // The machine dispatches by a route and takes a parked case up again; everything else is a person's decision.
  if (actor.kind === 'machine') return kind === 'dispatch' || kind === 'resume' ? null : 'operator_only'
  if (!seesCase(actor, facts)) return 'not_yours'
  switch (EDGES[kind].by) {
    case 'operator':
      return hasRole(actor, 'operator') ? null : 'operator_only'
    case 'lead':
      return isOfficerOf(actor, facts.lead) ? null : 'lead_only'
    case 'verifier':
      if (!hasRole(actor, 'verifier')) return 'verifier_only'
      return facts.handlers.includes(actor.name) ? 'handled_it' : null
  }
}

/** Who may add a picture: operators to any open case, the departments while it is theirs, verifiers while they check. */
export function mayAttach(facts: Owned & { readonly state: CaseState }, actor: Actor): boolean {
  if (!OPEN.includes(facts.state)) return false
  if (hasRole(actor, 'operator')) return true
  if (hasRole(actor, 'verifier') && facts.state === 'pending_check') return true
  return [facts.lead, ...facts.assist].some((department) => isOfficerOf(actor, department))
}

/** The right by which a person may remark on a case, in any state; null: may not. The case's own departments, and not
 * an officer who sees it by another role. */
export function remarkRole(facts: Owned, actor: Actor): 'operator' | 'verifier' | 'officer' | null {
  if (hasRole(actor, 'operator')) return 'operator'
  if (hasRole(actor, 'verifier')) return 'verifier'
  return [facts.lead, ...facts.assist].some((department) => isOfficerOf(actor, department)) ? 'officer' : null
}

/** The right an accepted command was done by, for the log. */
export function roleOf(kind: CaseCommandKind, actor: Actor): Role | null {
  if (actor.kind === 'machine') return null
  const { by } = EDGES[kind]
  return by === 'lead' ? 'officer' : by
}

export const isCommandKind = (kind: unknown): kind is CaseCommandKind =>
  (CASE_COMMANDS as readonly unknown[]).includes(kind)
