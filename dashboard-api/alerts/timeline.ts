import type { AlertDetail, NotificationItem } from '../../core/api/shapes.ts'
import { type Told, told } from '../../core/told.ts'
import type { AlertRow } from './rows.ts'

type Entry = AlertDetail['timeline'][number]

interface Filed {
  readonly no: string
  readonly filed_by: string
  readonly filed_at: Date
}

/** A verdict that stands no longer. */
export interface EndedVerdict {
  readonly verdict: 'confirmed' | 'rejected'
  readonly reason: string | null
  readonly by: string
  readonly at: Date
  readonly ended: 'undone' | 'withdrawn' | 'replaced'
  readonly ended_by: string | null
  readonly ended_at: Date
  readonly ended_reason: string | null
}

/** What happened to an alert, oldest first, out of the facts that its row, cases and notifications keep. */
export function timelineOf(
  row: AlertRow,
  filed: readonly Filed[],
  verdicts: readonly EndedVerdict[],
  notifications: readonly NotificationItem[],
): Entry[] {
  const entries: Entry[] = []
  const add = (
    at: Date | string | null,
    kind: string,
    actor: string | null,
    detail: string | null,
    told: Told | null = null,
  ) => {
    if (at === null) return
    entries.push({ at: typeof at === 'string' ? at : at.toISOString(), kind, actor, detail, told })
  }
  add(row.since, 'began', null, null)
  add(row.started_at, 'detected', null, row.rule_id)
  add(row.opened_at, 'opened', null, null)
  add(row.agreed_at, 'agreed', null, row.agrees_with.join(', '))
  add(row.acknowledged_at, 'acknowledged', row.acknowledged_by, null)
  add(row.verdict_at, row.verdict ?? 'judged', row.verdict_by, row.verdict_note ?? row.verdict_reason)
  for (const past of verdicts) {
    add(past.at, past.verdict, past.by, past.reason)
    if (past.ended !== 'replaced') {
      add(past.ended_at, `verdict_${past.ended}`, past.ended_by, past.ended_reason)
    }
  }
  for (const { no, filed_by, filed_at } of filed) add(filed_at, 'filed', filed_by, no)
  for (const { state, step, department, createdAt, sentAt, error, providerCode } of notifications) {
    const what = told(step.split(':')[0] ?? step, { department })
    if (state === 'sent') add(sentAt, 'notified', null, `${step} → ${department}`, what)
    else if (state === 'dead') {
      const why = providerCode === null ? null : told(providerCode, { department })
      add(createdAt, 'notification_failed', null, `${department}: ${error ?? ''}`, why)
    } else add(createdAt, `notification_${state}`, null, `${step} → ${department}`, what)
  }
  add(row.withdrawn_at, 'withdrawn', null, null)
  add(row.resolved_at, 'resolved', null, row.cause.endReason)
  return entries.sort((a, b) => a.at.localeCompare(b.at))
}
