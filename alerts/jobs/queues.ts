import type { CaseClockKind } from '../../core/case/words.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'

/** Every queue with what its jobs carry: names of what to read again, never the state to act on (invariant 6). */
export interface JobQueues {
  /** A clock of a case reached a point. */
  readonly 'case-clock': {
    readonly no: string
    readonly round: number
    readonly clock: CaseClockKind
    readonly action: 'reminder' | 'overdue' | 'review'
  }
  /** An alert told at once that nobody has answered. */
  readonly 'alert-unanswered': { readonly alertId: string; readonly repeat: number }
  /** The time of a mute is over. */
  readonly 'alert-mute-ended': { readonly alertId: string }
}
export type JobQueue = keyof JobQueues
export const JOB_QUEUES = [
  'case-clock',
  'alert-unanswered',
  'alert-mute-ended',
] as const satisfies readonly JobQueue[]

/** Puts a job into the sender's own transaction: it exists if and only if that commits. */
export interface JobSender {
  send<Q extends JobQueue>(tx: Queryable, queue: Q, data: JobQueues[Q], at: EpochMs): Promise<void>
}

/** What is done when a job of each queue wakes. Must be harmless when run late, twice or for nothing. */
export type JobHandlers = { readonly [Q in JobQueue]: (data: JobQueues[Q]) => Promise<void> }
