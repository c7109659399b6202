import { type CaseEvent, machineEntryActor } from '../../core/case/event.ts'
import type { CaseClock, CaseFacts } from '../../core/case/state.ts'
import { machineReasons } from '../../core/machine-reason.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CaseCommands } from '../../core/ports/commands.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { endMuteWhenOver } from '../alert/mute.ts'
import { append, lockCase } from '../cases/store.ts'
import type { JobHandlers, JobQueues, JobSender } from '../jobs/queues.ts'
import { readAlert, tellAtOnce, UNANSWERED_AFTER_MS, UNANSWERED_REPEATS } from '../routing/hooks.ts'
import { type NotifyDeps, notifyAboutCase } from '../routing/notify.ts'

export interface DeadlineDeps extends NotifyDeps {
  readonly database: Database
  readonly clock: Clock
  readonly jobs: JobSender
  readonly caseCommands: CaseCommands
  readonly log: Log
}

/**
 * What jobs do when they wake. A job carries names only: each handler reads its row again under lock and does nothing
 * when the matter has moved on, so that a job may come late, twice or for nothing (invariant 6).
 */
export function createJobHandlers(deps: DeadlineDeps): JobHandlers {
  return {
    'case-clock': (job) => (job.action === 'review' ? resume(deps, job) : warn(deps, job, job.action)),
    'alert-unanswered': (job) => repeat(deps, job),
    'alert-mute-ended': (job) => endMuteWhenOver(deps.database, deps.clock, job.alertId),
  }
}

/** Reminds the lead department at 80 % of the time, and again, with a mark in the log, when it is over. */
async function warn(
  deps: DeadlineDeps,
  job: JobQueues['case-clock'],
  action: 'reminder' | 'overdue',
): Promise<void> {
  const { database, clock, metrics, log } = deps
  await database.transaction(async (tx) => {
    const facts = await lockCase(tx, job.no)
    const running = clockOf(facts, job)
    if (!facts || !running || (await alreadyWarned(tx, job, action))) return
    const due = new Date(running.dueAt).toISOString()
    const entry: CaseEvent = {
      kind: action,
      at: clock.now(),
      actor: machineEntryActor('timer'),
      from: null,
      to: null,
      reason: null,
      data: { clock: running.kind, round: running.round, due },
    }
    // Verifiers are no department: an overdue check is seen on their list and in the log.
    const departments = running.kind === 'check' || facts.lead === null ? [] : [facts.lead]
    const unreachable = await notifyAboutCase(tx, deps, facts, {
      step: `${action}:${running.kind}:${running.round}`,
      type: `case.${action}`,
      departments,
      at: clock.now(),
    })
    await append(tx, facts, [entry, ...unreachable])
    metrics.count('case_clock_total', { clock: running.kind, action })
    log.info({ case: job.no, clock: running.kind, action }, 'case clock')
  })
}

/** A parked case is taken up again at its review date, unless a person did, or parked it anew. */
async function resume(deps: DeadlineDeps, job: JobQueues['case-clock']): Promise<void> {
  const { database, caseCommands } = deps
  const { rows } = await database.query<{ body: CaseFacts }>('select body from cases where no = $1', [job.no])
  const facts = rows[0]?.body ?? null
  if (!facts || !clockOf(facts, job)) return
  // `execute` looks again under lock: a move in between changes the version and refuses this one.
  const command = {
    kind: 'resume' as const,
    version: facts.version,
    reason: machineReasons.write('review_date'),
  }
  try {
    await caseCommands.execute(job.no, command, { kind: 'machine', name: 'timer' })
  } catch (error) {
    if ((error as { code?: string }).code !== 'version_conflict') throw error
  }
}

const clockOf = (facts: CaseFacts | null, job: JobQueues['case-clock']): CaseClock | null =>
  facts?.clock?.round === job.round ? facts.clock : null

async function alreadyWarned(
  tx: Queryable,
  job: JobQueues['case-clock'],
  kind: 'reminder' | 'overdue',
): Promise<boolean> {
  const { rowCount } = await tx.query(
    "select 1 from follow_ups where case_no = $1 and kind = $2 and data ->> 'round' = $3",
    [job.no, kind, String(job.round)],
  )
  return rowCount > 0
}

/** Tells the departments of an alert once more that nobody has acknowledged, judged or filed it. */
async function repeat(deps: DeadlineDeps, job: JobQueues['alert-unanswered']): Promise<void> {
  const { database, clock, jobs } = deps
  await database.transaction(async (tx) => {
    const locked = await tx.query('select 1 from alerts where id = $1 for update', [job.alertId])
    const alert = locked.rowCount > 0 ? await readAlert(tx, job.alertId) : null
    if (alert?.state !== 'firing' || alert.suppressed_by !== null) return
    if (alert.acknowledged_at !== null || alert.verdict !== null || alert.case_no !== null) return
    const told = await tellAtOnce(tx, deps, alert, `reminder:alert:${job.repeat}`, clock.now())
    if (!told || job.repeat >= UNANSWERED_REPEATS) return
    const next = { alertId: job.alertId, repeat: job.repeat + 1 }
    await jobs.send(tx, 'alert-unanswered', next, clock.now() + UNANSWERED_AFTER_MS)
  })
}
