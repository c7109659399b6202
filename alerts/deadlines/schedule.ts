import { remindAt } from '../../core/case/clocks.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { WorkSchedule } from '../../core/case/working-time.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { JobSender } from '../jobs/queues.ts'

/**
 * Jobs for a clock that was started or moved: a reminder at 80 % and the deadline, or the review of a parked case.
 * Jobs of older rounds are left alone: they wake, find another round and do nothing (invariant 6).
 */
export async function scheduleClock(
  tx: Queryable,
  jobs: JobSender,
  before: CaseFacts | null,
  after: CaseFacts,
  schedule: WorkSchedule,
): Promise<void> {
  const { clock, no } = after
  if (!clock || clock.round === before?.clockRounds) return
  const job = { no, round: clock.round, clock: clock.kind }
  if (clock.kind === 'review') {
    await jobs.send(tx, 'case-clock', { ...job, action: 'review' }, clock.dueAt)
    return
  }
  await jobs.send(tx, 'case-clock', { ...job, action: 'reminder' }, remindAt(clock, schedule))
  await jobs.send(tx, 'case-clock', { ...job, action: 'overdue' }, clock.dueAt)
}
