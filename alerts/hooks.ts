import type { Actor } from '../core/actor.ts'
import type { AlertState, Verdict } from '../core/alert.ts'
import type { Severity } from '../core/event.ts'
import type { Queryable } from '../core/ports/database.ts'
import type { EpochMs } from '../core/units.ts'

/** What routing and notification need to know of an alert; read under the alert's row lock. */
export interface AlertFacts {
  readonly id: string
  readonly type: string
  readonly severity: Severity
  readonly sourceKind: 'camera' | 'sensor'
  readonly sourceId: string
  readonly zone: string | null
  readonly purpose: string | null
  readonly state: AlertState
  /** Silence, inhibition or cap: a suppressed alert notifies nobody. */
  readonly suppressedBy: string | null
  readonly startedAt: EpochMs
  /** The open or last case of this alert. */
  readonly caseNo: string | null
}

/** `opened`: a new row (pending or firing) · `fired`: pending → firing · `resolved`: the hazard is no longer seen. */
type AlertTransition = 'opened' | 'fired' | 'resolved'

/**
 * Called inside the transaction of the change, after the alert's row is locked and written, so that an alert and what
 * follows from it (notifications, cancellations, log entries) are committed together or not at all.
 * Lock order everywhere: alert → case → notification.
 */
export interface AlertHooks {
  onTransition(tx: Queryable, alert: AlertFacts, transition: AlertTransition): Promise<void>
  /** Returns the ids of the notifications that the verdict cancelled. `n` numbers the alert's verdicts. */
  onVerdict(
    tx: Queryable,
    alert: AlertFacts,
    verdict: {
      readonly verdict: Verdict
      readonly n: number
      readonly reason: string | null
      readonly actor: Actor
    },
  ): Promise<readonly string[]>
  /** The verdict stands no longer. `undone`: nothing about it may have left yet, else it throws `state_conflict`. */
  onVerdictTakenBack(tx: Queryable, alert: AlertFacts, verdict: TakenBack): Promise<void>
  onAcknowledged(tx: Queryable, alert: AlertFacts, actor: Actor): Promise<void>
  /** Has to wake at `until` and end the mute. */
  onMuted(tx: Queryable, alert: AlertFacts, until: EpochMs): Promise<void>
}

export interface TakenBack {
  readonly verdict: Verdict
  readonly n: number
  /** Ids of the notifications that it had cancelled. */
  readonly held: readonly string[]
  readonly how: 'undone' | 'withdrawn' | 'replaced'
  readonly reason: string | null
  readonly actor: Actor
}
