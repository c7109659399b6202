import type { Severity } from '../event.ts'
import type { EpochMs } from '../units.ts'
import type { CaseLimits, CasePlace } from './event.ts'
import type { CaseClockKind, CaseState, ClockTime } from './words.ts'

/** The clock that runs now. `round` counts every start and move, so that a reminder of an older clock is told apart. */
export interface CaseClock {
  readonly kind: CaseClockKind
  readonly round: number
  readonly startedAt: EpochMs
  readonly dueAt: EpochMs
  /** Absent in cases of older versions: calendar. */
  readonly time?: ClockTime | undefined
}

/** What an officer asked for and an operator has to decide. */
type CaseRequest =
  | { readonly kind: 'return'; readonly from: 'pending_accept' | 'handling' }
  | { readonly kind: 'extend'; readonly until: EpochMs }

/** The snapshot of a case: what `evolve` makes of its log. */
export interface CaseFacts {
  readonly no: string
  readonly state: CaseState
  /** Number of moves since filing, which is 1; entries that only add to the log do not count. */
  readonly version: number
  readonly type: string
  readonly severity: Severity
  readonly alertId: string | null
  readonly camera: string | null
  readonly purpose: string | null
  readonly place: CasePlace
  readonly note: string | null
  readonly limits: CaseLimits
  readonly lead: string | null
  readonly assist: readonly string[]
  /** Who reported last. */
  readonly handler: string | null
  /** Everyone who accepted or reported: none of them may ever verify this case. */
  readonly handlers: readonly string[]
  readonly filedBy: string
  readonly filedAt: EpochMs
  readonly clock: CaseClock | null
  /** How often a clock was started or moved. */
  readonly clockRounds: number
  /** Time left of the handle clock, in its own time, which stands still while the case is parked. */
  readonly handleLeftMs: number | null
  readonly request: CaseRequest | null
  /** Last report, and the passed verification that came after it. */
  readonly reportedAt: EpochMs | null
  readonly passedAt: EpochMs | null
  readonly reworkCount: number
  readonly extensionCount: number
  readonly closedAt: EpochMs | null
}

export const isEnded = (state: CaseState): boolean => state === 'closed' || state === 'voided'
