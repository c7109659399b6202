import { v7 as uuidv7 } from 'uuid'
import { UNDO_MS } from '../../core/alert.ts'
import { writeChanges } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { NotificationPayload } from './message.ts'
import {
  cancelStep,
  correctStep,
  followsUp,
  type NotificationGroup,
  type NotificationRow,
  notificationChange,
} from './row.ts'

/** Reminders and escalations; a recipient's first notification of a matter is none of them. */
const REPEATS = "(step like 'reminder:%' or step like 'overdue:%')"
/** A little more than the time to undo, so that an undo in the last moment meets nothing on its way. */
const HOLD_MS = UNDO_MS + 500

/**
 * Cancels the reminders and escalations of a group that are still queued; of one that is being sent only a failure is
 * not tried again. First notifications stay. Returns the ids of those cancelled.
 */
export async function cancelRepeats(tx: Queryable, group: NotificationGroup): Promise<readonly string[]> {
  return withdraw(tx, `group_kind = $1 and group_id = $2 and ${REPEATS}`, [group.kind, group.id])
}

/** Queued rows are cancelled; rows on their way are marked. Locked in order of id, as by everyone. */
async function withdraw(tx: Queryable, where: string, params: readonly unknown[]): Promise<string[]> {
  const { rows } = await tx.query<NotificationRow>(
    `with mine as (
       select id from notifications
        where state in ('queued', 'sending') and not withdrawn and ${where} order by id for update)
     update notifications n
        set withdrawn = true, state = case n.state when 'queued' then 'cancelled' else n.state end
       from mine where n.id = mine.id and n.state in ('queued', 'sending') returning n.*`,
    params,
  )
  await writeChanges(tx, rows.map(notificationChange))
  return rows.map(({ id }) => id)
}

type Payload = (told: { department: string; messageId: string }) => NotificationPayload

/**
 * Takes back what was told about an alert: what is still queued is cancelled, and everyone who was or may have been
 * told gets the step of the n-th verdict on the same thread with the id of the first message, after the time in which
 * the verdict can be undone. Asking twice adds nothing. Returns the ids of those cancelled.
 */
export async function cancelThread(
  tx: Queryable,
  alertId: string,
  n: number,
  payload: Payload,
): Promise<readonly string[]> {
  const step = cancelStep(n)
  const all = await lockRows(tx, alertId, 'n.step <> $2', step)
  const held = await withdraw(tx, 'id = any($1)', [all.map(({ id }) => id)])
  const first = all.filter((row) => row.told && !row.follow)
  await followUp(tx, alertId, step, first, payload, HOLD_MS)
  return held
}

/**
 * Undoes the cancellation of the n-th verdict before it has left. Throws `state_conflict` when one is on its way or
 * was tried: then it may have arrived, and only a correction helps.
 */
export async function dropCancellation(tx: Queryable, alertId: string, n: number): Promise<void> {
  const rows = await lockRows(tx, alertId, 'n.step = $2', cancelStep(n))
  const left = rows.find((row) => row.state === 'sending' || row.state === 'sent' || row.attempt > 0)
  if (left) {
    throw new SharpEyesError(
      'state_conflict',
      `department ${left.department} is being told already: take the verdict back with a reason`,
      { details: { why: 'left', department: left.department } },
    )
  }
  await withdraw(tx, 'id = any($1)', [rows.map(({ id }) => id)])
}

/** Cancels what of the n-th verdict's cancellation has not left, and corrects it where it has or may have arrived. */
export async function correctThread(
  tx: Queryable,
  alertId: string,
  n: number,
  payload: Payload,
): Promise<void> {
  const rows = await lockRows(tx, alertId, 'n.step = $2', cancelStep(n))
  await withdraw(tx, 'id = any($1)', [rows.map(({ id }) => id)])
  const told = rows.filter((row) => row.told)
  await followUp(tx, alertId, correctStep(n), told, payload, 0)
}

/** Queues again what a verdict had cancelled. Reminders only when somebody still has to be reminded. */
export async function release(tx: Queryable, ids: readonly string[], withRepeats: boolean): Promise<void> {
  const { rows } = await tx.query<NotificationRow>(
    `with mine as (
       select id from notifications
        where id = any($1::uuid[]) and withdrawn and state in ('cancelled', 'sending')
          and ($2 or not ${REPEATS}) order by id for update)
     update notifications n
        set withdrawn = false, state = case n.state when 'cancelled' then 'queued' else n.state end
       from mine where n.id = mine.id returning n.*`,
    [ids, withRepeats],
  )
  await writeChanges(tx, rows.map(notificationChange))
  if (rows.length > 0) await tx.query("select pg_notify('notifications', '')")
}

interface ThreadRow extends NotificationRow {
  /** It arrived, or may have. */
  readonly told: boolean
  /** It is itself a cancellation or correction. */
  readonly follow: boolean
}

async function lockRows(
  tx: Queryable,
  alertId: string,
  where: string,
  step: string,
): Promise<readonly ThreadRow[]> {
  const { rows } = await tx.query<ThreadRow>(
    `select n.*, ${followsUp('n')} as follow, (n.state in ('sending', 'sent') or exists (
              select 1 from notification_attempts a
               where a.notification_id = n.id and a.outcome in ('sent', 'unknown'))) as told
       from notifications n
      where n.group_kind = 'alert' and n.group_id = $1 and ${where}
      order by n.id for update of n`,
    [alertId, step],
  )
  return rows
}

/** One message more to each recipient of `told`, on the same thread, naming the first message it had. */
async function followUp(
  tx: Queryable,
  alertId: string,
  step: string,
  told: readonly NotificationRow[],
  payload: Payload,
  holdMs: number,
): Promise<void> {
  const first = new Map<string, NotificationRow>()
  for (const row of told) {
    const key = `${row.channel} ${row.recipient}`
    if (!first.has(key)) first.set(key, row)
  }
  const list = [...first.values()].map(({ department, channel, recipient, message_id }) => {
    const id = uuidv7()
    return {
      id,
      message_id: `msg_${id.replaceAll('-', '')}`,
      department,
      channel,
      recipient,
      payload: payload({ department, messageId: message_id }),
    }
  })
  const inserted = await tx.query<NotificationRow>(
    `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state,
       payload, next_attempt_at)
     select id, message_id, 'alert', $1, $2, department, channel, recipient, 'queued', payload,
            now() + $4 * interval '1 millisecond'
       from jsonb_to_recordset($3::jsonb) as (id uuid, message_id text, department text, channel text,
              recipient text, payload jsonb)
     on conflict (group_kind, group_id, step, channel, recipient) do nothing
     returning *`,
    [alertId, step, JSON.stringify(list), holdMs],
  )
  await writeChanges(tx, inserted.rows.map(notificationChange))
  if (inserted.rowCount > 0) await tx.query("select pg_notify('notifications', '')")
}
