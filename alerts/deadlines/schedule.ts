import type { CaseFacts } from '../../core/case/state.ts'
import type { Queryable } from '../../core/ports.ts'
import type { JobSender } from '../jobs/queues.ts'

/** Share of a clock's time after which its department is reminded. */
const REMIND_AT = 0.8

/**
 * Jobs for a clock that was started or moved: a reminder at 80 % and the deadline, or the review of a parked case.
 * Jobs of older rounds are left alone: they wake, find another round and do nothing (invariant 6).
 */
export async function scheduleClock(
  tx: Queryable,
  jobs: JobSender,
  before: CaseFacts | null,
  after: CaseFacts,
): Promise<void> {
  const { clock, no } = after
  if (!clock || clock.round === before?.clockRounds) return
  const job = { no, round: clock.round, clock: clock.kind }
  if (clock.kind === 'review') {
    await jobs.send(tx, 'case-clock', { ...job, action: 'review' }, clock.dueAt)
    return
  }
  const remindAt = clock.startedAt + REMIND_AT * (clock.dueAt - clock.startedAt)
  await jobs.send(tx, 'case-clock', { ...job, action: 'reminder' }, remindAt)
  await jobs.send(tx, 'case-clock', { ...job, action: 'overdue' }, clock.dueAt)
}
