import type { Actor, Role } from './actor.ts'
import type { EpochMs, Sha256 } from './units.ts'

/** Who may hold evidence, release it and carry it out of the house. City-wide roles: the matter may be anybody's. */
export const EVIDENCE_KEEPERS = ['investigator', 'auditor'] as const satisfies readonly Role[]

/** What owns evidence: an alert or a kept recording by its id, a case by its number. */
export interface EvidenceOwner {
  readonly kind: 'alert' | 'case' | 'recording'
  readonly id: string
}

export interface PlacedHold {
  readonly id: string
  readonly at: EpochMs
  /** Pieces of evidence that were not there any more, or could not be made: see `placedHoldShape`. */
  readonly gone: number
}

/** What a case log keeps of an export. */
export interface ExportFacts {
  /** SHA-256 of the manifest's bytes. */
  readonly manifest: Sha256
  readonly files: number
  readonly bytes: number
  readonly originals: boolean
  readonly purpose: string
  readonly reason: string
}

/**
 * Holds and exports (implemented in alerts/). A hold blocks the deletion of everything that its owner owns, of a case
 * also of what its alert owns. A recording that was kept for a case is the case's: it is held with the case. Throws `forbidden`, `not_found`, `state_conflict` (released already, too many).
 */
export interface EvidenceCommands {
  hold(owner: EvidenceOwner, reason: string, actor: Actor): Promise<PlacedHold>
  release(owner: EvidenceOwner, holdId: string, reason: string, actor: Actor): Promise<void>
  /** Writes the export into the case's log. */
  exported(no: string, facts: ExportFacts, actor: Actor): Promise<void>
}
