import { type CaseEvent, machineEntryActor } from '../../core/case/event.ts'
import { isEnded } from '../../core/case/state.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { departmentsOf, matchRoute, notifyWhen, type StoredRoute } from '../../core/route.ts'
import type { EpochMs } from '../../core/units.ts'
import type { AlertRow } from '../alert/row.ts'
import { openCaseOf } from '../cases/matter.ts'
import { append, lockCase } from '../cases/store.ts'
import { cancelRepeats, cancelThread, correctThread, dropCancellation, release } from '../delivery/cancel.ts'
import { enqueue } from '../delivery/enqueue.ts'
import { type MessageMatter, payload } from '../delivery/message.ts'
import type { AlertFacts, AlertHooks } from '../hooks.ts'
import type { JobSender } from '../jobs/queues.ts'
import { readCameraName, readRoutes, readSensorOf } from './city.ts'
import type { NotifyDeps } from './notify.ts'

/** An alert told at once that nobody answers is told again after this time, at most so often. */
export const UNANSWERED_AFTER_MS = 30 * 60_000
export const UNANSWERED_REPEATS = 5

export interface HookDeps extends NotifyDeps {
  readonly clock: Clock
  readonly jobs: JobSender
}

/** What follows for departments from the life of an alert, in the transaction of its change. */
export function createAlertHooks(deps: HookDeps): AlertHooks {
  const { clock, jobs, publicUrl } = deps

  /** The departments' first word of an alert that is not filed; those told before are not told again. */
  const tellFirst = async (tx: Queryable, alert: AlertFacts, row: AlertRow): Promise<void> => {
    if (alert.suppressedBy !== null || row.case_no !== null) return
    if (!(await tellAtOnce(tx, deps, row, 'at_once', clock.now()))) return
    const first = clock.now() + UNANSWERED_AFTER_MS
    await jobs.send(tx, 'alert-unanswered', { alertId: alert.id, repeat: 1 }, first)
  }

  return {
    async onTransition(tx, alert, transition) {
      if (transition === 'resolved') return noteResolved(tx, alert, clock.now())
      // An alert that opened and resolved in one late batch is told too: a fire is not less true for being over.
      if (alert.state === 'pending' || alert.suppressedBy !== null) return
      const row = await readAlert(tx, alert.id)
      if (!row || row.verdict === 'rejected') return
      await tellFirst(tx, alert, row)
    },

    async onVerdict(tx, alert, { verdict, n, reason, actor }) {
      if (verdict === 'confirmed') return cancelRepeats(tx, { kind: 'alert', id: alert.id })
      const filed = await openCaseOf(tx, alert.id)
      if (filed && filed.state !== 'closed') {
        throw new SharpEyesError(
          'state_conflict',
          `alert ${alert.id} has case ${filed.no}: filing is not undone; void the case with a reason`,
          { details: { why: 'filed', no: filed.no, state: filed.state } },
        )
      }
      const row = await readAlert(tx, alert.id)
      if (!row) return []
      const matter = await matterOf(tx, row, true)
      return cancelThread(tx, alert.id, n, ({ department, messageId }) =>
        payload('alert.cancelled', matter, clock.now(), publicUrl, {
          department,
          cancels: messageId,
          reason,
          by: actor.name,
        }),
      )
    },

    async onVerdictTakenBack(tx, alert, { verdict, n, held, how, reason, actor }) {
      const row = await readAlert(tx, alert.id)
      if (!row) return
      if (verdict === 'rejected') {
        if (how === 'undone') await dropCancellation(tx, alert.id, n)
        else {
          const matter = await matterOf(tx, row, row.verdict === 'confirmed')
          await correctThread(tx, alert.id, n, ({ department, messageId }) =>
            payload('alert.corrected', matter, clock.now(), publicUrl, {
              department,
              corrects: messageId,
              reason,
              by: actor.name,
              state: row.state,
            }),
          )
        }
      }
      await release(tx, held, row.acknowledged_at === null && row.verdict === null && row.state === 'firing')
      // It may have begun to burn while it was held to be none.
      if (row.verdict !== 'rejected' && row.state === 'firing') await tellFirst(tx, alert, row)
    },

    async onAcknowledged(tx, alert) {
      await cancelRepeats(tx, { kind: 'alert', id: alert.id })
    },

    onMuted: (tx, alert, until) => jobs.send(tx, 'alert-mute-ended', { alertId: alert.id }, until),
  }
}

/**
 * Tells the departments of the alert's route, marked unverified, when the route wants it at once. False: it does not,
 * or they were told before.
 */
export async function tellAtOnce(
  tx: Queryable,
  deps: NotifyDeps,
  row: AlertRow,
  step: string,
  at: EpochMs,
): Promise<boolean> {
  const stored = await routeOf(tx, row)
  if (!stored || notifyWhen(stored.route, row.severity) !== 'at_once') return false
  const matter = await matterOf(tx, row, row.verdict === 'confirmed')
  const type = step === 'at_once' ? 'alert.at_once' : 'alert.reminder'
  const { added } = await enqueue(tx, deps, {
    group: { kind: 'alert', id: row.id },
    step,
    departments: departmentsOf(stored.route),
    payload: (department) =>
      payload(type, matter, at, deps.publicUrl, {
        department,
        part: department === stored.route.lead ? 'lead' : 'assist',
        state: row.state,
      }),
  })
  return added > 0
}

async function routeOf(tx: Queryable, row: AlertRow): Promise<StoredRoute | null> {
  return matchRoute(await readRoutes(tx), {
    type: row.type,
    severity: row.severity,
    purpose: row.purpose,
    camera: row.source_kind === 'camera' ? row.source_id : null,
    grid: gridOf(row),
  })
}

function gridOf({ place }: AlertRow): string | null {
  const grid = place?.grid
  return typeof grid === 'string' ? grid : null
}

async function matterOf(tx: Queryable, row: AlertRow, verified: boolean): Promise<MessageMatter> {
  const camera =
    row.source_kind === 'camera' ? { id: row.source_id, name: await readCameraName(tx, row.source_id) } : null
  return {
    caseNo: row.case_no,
    alertId: row.id,
    type: row.type,
    severity: row.severity,
    place: row.place,
    camera,
    sensor: await readSensorOf(tx, row.id),
    since: row.since.getTime(),
    verified,
  }
}

/** The row that the caller's transaction has locked. */
export async function readAlert(tx: Queryable, id: string): Promise<AlertRow | null> {
  const { rows } = await tx.query<AlertRow>('select * from alerts where id = $1', [id])
  return rows[0] ?? null
}

/** A machine that sees the hazard no more never closes a case; it only says so in the log. */
async function noteResolved(tx: Queryable, alert: AlertFacts, at: EpochMs): Promise<void> {
  if (alert.caseNo === null) return
  const facts = await lockCase(tx, alert.caseNo)
  if (!facts || isEnded(facts.state)) return
  const entry: CaseEvent = {
    kind: 'alert_resolved',
    at,
    actor: machineEntryActor('inbox'),
    from: null,
    to: null,
    reason: null,
    data: { alertId: alert.id },
  }
  await append(tx, facts, [entry])
}
