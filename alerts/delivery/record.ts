import { type CaseEvent, machineEntryActor } from '../../core/case/event.ts'
import { writeChange } from '../../core/changes.ts'
import type { DeliveryOutcome } from '../../core/ports/channel.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { nextAttemptIn } from '../../core/retry.ts'
import type { DurationMs } from '../../core/units.ts'
import { append, lockCase } from '../cases/store.ts'
import { type NotificationRow, notificationChange } from './row.ts'

/** Codes of failures after which nobody knows whether the message arrived; every other failure is a plain no. */
const UNKNOWN_OUTCOMES: readonly string[] = ['timeout', 'connection_lost', 'stopped', 'channel_error']

export interface RecordDeps {
  readonly database: Database
  readonly clock: Clock
  readonly metrics: Metrics
  readonly random?: () => number
}

/** Writes what a call came to: the row, the attempt, the case log and the change, in one transaction. */
export async function recordOutcome(
  deps: RecordDeps,
  row: NotificationRow,
  outcome: DeliveryOutcome,
  durationMs: DurationMs,
): Promise<void> {
  const { database, metrics } = deps
  const recorded = await database.transaction(async (tx) => {
    const no = await caseOf(tx, row)
    const facts = no === null ? null : await lockCase(tx, no)
    const withdrawn = await lockWithdrawn(tx, row.id)
    await insertAttempt(tx, row, outcome, durationMs)
    const next = await settle(tx, row, outcome, withdrawn, deps.random ?? Math.random)
    // Another worker took the row after `until`: what it finds out counts.
    if (!next) return null
    await writeChange(tx, notificationChange(next))
    if (facts) await append(tx, facts, [entry(next, outcome, deps.clock.now())])
    return { row: next, sinceAlert: await sinceAlert(tx, next) }
  })
  const result = recorded === null ? 'late' : outcome.kind
  metrics.count('notification_attempts_total', { channel: row.channel, result })
  metrics.observe('notification_call_seconds', { channel: row.channel }, durationMs / 1000)
  const settled = recorded?.row
  if (settled?.state === 'dead') {
    metrics.count('notifications_dead_total', { channel: row.channel, department: row.department })
  }
  if (settled?.sent_at) {
    const waited = Math.max(0, settled.sent_at.getTime() - settled.created_at.getTime()) / 1000
    metrics.observe('notification_wait_seconds', { channel: row.channel }, waited)
  }
  if (recorded?.sinceAlert != null)
    metrics.observe('alert_to_notification_seconds', { channel: row.channel }, recorded.sinceAlert)
}

/** Seconds from the alert to the first word of it that anybody got, if this was it. Of a case, filing takes its own time. */
async function sinceAlert(tx: Queryable, row: NotificationRow): Promise<number | null> {
  if (row.state !== 'sent' || row.group_kind !== 'alert') return null
  const { rows } = await tx.query<{ seconds: number }>(
    `select greatest(0, extract(epoch from now() - a.opened_at))::float8 as seconds from alerts a
      where a.id = $1::uuid and not exists (
            select from notifications n
             where n.group_kind = 'alert' and n.group_id = $3 and n.id <> $2 and n.state = 'sent')`,
    [row.group_id, row.id, row.group_id],
  )
  return rows[0]?.seconds ?? null
}

/** An alert's notifications are told in the log of the case that was made of it. */
async function caseOf(tx: Queryable, row: NotificationRow): Promise<string | null> {
  if (row.group_kind === 'case') return row.group_id
  const { rows } = await tx.query<{ case_no: string | null }>('select case_no from alerts where id = $1', [
    row.group_id,
  ])
  return rows[0]?.case_no ?? null
}

/** Locked before it is read: a withdrawal that is being committed counts. */
async function lockWithdrawn(tx: Queryable, id: string): Promise<boolean> {
  const { rows } = await tx.query<{ withdrawn: boolean }>(
    'select withdrawn from notifications where id = $1 for update',
    [id],
  )
  return rows[0]?.withdrawn ?? false
}

async function insertAttempt(
  tx: Queryable,
  row: NotificationRow,
  outcome: DeliveryOutcome,
  durationMs: DurationMs,
): Promise<void> {
  const failed = outcome.kind === 'failed' ? outcome : null
  const word = !failed ? 'sent' : UNKNOWN_OUTCOMES.includes(failed.code) ? 'unknown' : 'failed'
  await tx.query(
    `insert into notification_attempts (notification_id, attempt, duration_ms, outcome, code, error)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (notification_id, attempt) do update
       set duration_ms = excluded.duration_ms, outcome = excluded.outcome, code = excluded.code, error = excluded.error`,
    [row.id, row.attempt, Math.round(durationMs), word, outcome.code, failed?.error ?? null],
  )
}

async function settle(
  tx: Queryable,
  row: NotificationRow,
  outcome: DeliveryOutcome,
  withdrawn: boolean,
  random: () => number,
): Promise<NotificationRow | null> {
  const update = async (set: string, params: readonly unknown[]) => {
    const { rows } = await tx.query<NotificationRow>(
      `update notifications set until = null, provider_code = $3, error = $4, ${set}
        where id = $1 and attempt = $2 and state = 'sending' returning *`,
      [row.id, row.attempt, outcome.code, outcome.kind === 'failed' ? outcome.error : null, ...params],
    )
    return rows[0] ?? null
  }
  if (outcome.kind === 'delivered') return update("state = 'sent', sent_at = now()", [])
  // Taken back while it was on its way: it failed, and is not tried again.
  if (withdrawn) return update("state = 'cancelled'", [])
  const { retryable, retryAfterMs } = outcome
  const wait = retryable
    ? nextAttemptIn(row.attempt - row.table_start, { random: random(), retryAfterMs })
    : null
  if (wait === null) return update("state = 'dead'", [])
  // An outcome nobody knows is sent again with the same id, and may be a second copy.
  const duplicate = UNKNOWN_OUTCOMES.includes(outcome.code) ? 1 : 0
  return update(
    `state = 'queued', next_attempt_at = now() + $5 * interval '1 millisecond',
     possible_duplicates = possible_duplicates + $6`,
    [wait, duplicate],
  )
}

function entry(row: NotificationRow, outcome: DeliveryOutcome, at: number): CaseEvent {
  const base = {
    at,
    actor: machineEntryActor('delivery'),
    from: null,
    to: null,
    reason: null,
  }
  const data = {
    step: row.step,
    department: row.department,
    channel: row.channel,
    messageId: row.message_id,
    code: outcome.code,
  }
  if (outcome.kind === 'delivered') return { ...base, kind: 'notified', data }
  const nextAttemptAt = row.state === 'queued' ? row.next_attempt_at.toISOString() : null
  return {
    ...base,
    kind: 'notify_failed',
    data: { ...data, error: outcome.error, attempt: row.attempt, nextAttemptAt },
  }
}
