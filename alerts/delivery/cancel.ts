import { v7 as uuidv7 } from 'uuid'
import { writeChanges } from '../../core/changes.ts'
import type { Queryable } from '../../core/ports.ts'
import type { NotificationPayload } from './message.ts'
import { CANCEL_STEP, type NotificationGroup, type NotificationRow, notificationChange } from './row.ts'

/** Reminders and escalations; a recipient's first notification of a matter is none of them. */
const REPEATS = "(step like 'reminder:%' or step like 'overdue:%')"

/**
 * Cancels the reminders and escalations of a group that are still queued; of one that is being sent only a failure is
 * not tried again. First notifications stay.
 */
export async function cancelRepeats(tx: Queryable, group: NotificationGroup): Promise<void> {
  await withdraw(tx, `group_kind = $1 and group_id = $2 and ${REPEATS}`, [group.kind, group.id])
}

/** Queued rows are cancelled; rows on their way are marked. Locked in order of id, as by everyone. */
async function withdraw(tx: Queryable, where: string, params: readonly unknown[]): Promise<void> {
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
}

/**
 * Takes back what was told about an alert: what is still queued is cancelled, and everyone who was or may have been
 * told gets the step `cancel` on the same thread with the id of the first message. Asking twice adds nothing.
 */
export async function cancelThread(
  tx: Queryable,
  alertId: string,
  payload: (told: { department: string; messageId: string }) => NotificationPayload,
): Promise<void> {
  const { rows: all } = await tx.query<NotificationRow & { told: boolean }>(
    `select n.*, (n.state in ('sending', 'sent') or exists (
              select 1 from notification_attempts a
               where a.notification_id = n.id and a.outcome in ('sent', 'unknown'))) as told
       from notifications n
      where n.group_kind = 'alert' and n.group_id = $1 and n.step <> $2
      order by n.id for update of n`,
    [alertId, CANCEL_STEP],
  )
  await withdraw(tx, 'id = any($1)', [all.map(({ id }) => id)])
  const first = new Map<string, NotificationRow>()
  for (const row of all.filter(({ told }) => told)) {
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
    `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state, payload)
     select id, message_id, 'alert', $1, $2, department, channel, recipient, 'queued', payload
       from jsonb_to_recordset($3::jsonb) as (id uuid, message_id text, department text, channel text,
              recipient text, payload jsonb)
     on conflict (group_kind, group_id, step, channel, recipient) do nothing
     returning *`,
    [alertId, CANCEL_STEP, JSON.stringify(list)],
  )
  await writeChanges(tx, inserted.rows.map(notificationChange))
  if (inserted.rowCount > 0) await tx.query("select pg_notify('notifications', '')")
}
