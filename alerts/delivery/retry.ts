import { type Actor, hasRole } from '../../core/actor.ts'
import type { CaseEvent } from '../../core/case/event.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { append, lockCase } from '../cases/store.ts'
import { enqueue } from './enqueue.ts'
import { type NotificationRow, notificationChange } from './row.ts'

export interface NotificationCommands {
  /**
   * Sends a dead letter again: same message id, the retry table from its start. A letter that could not be addressed
   * goes to the channels its department has now. Checks 403, 404, 409 in this order.
   */
  retry(id: string, actor: Actor): Promise<void>
}

export function createNotificationCommands(deps: {
  readonly database: Database
  readonly clock: Clock
  /** Kinds of channels this program can send by. */
  readonly channelKinds: readonly string[]
}): NotificationCommands {
  const { database, clock, channelKinds } = deps
  return {
    async retry(id, actor) {
      if (!hasRole(actor, 'operator')) {
        throw new SharpEyesError('forbidden', 'sending a notification again is for operators only')
      }
      await database.transaction(async (tx) => {
        // The group never changes, so the case can be locked first (lock order: case → notification).
        const found = await tx.query<NotificationRow>('select * from notifications where id::text = $1', [id])
        const [row] = found.rows
        if (!row) throw new SharpEyesError('not_found', `there is no notification ${id}`)
        const facts = row.group_kind === 'case' ? await lockCase(tx, row.group_id) : null
        if (channelKinds.includes(row.channel)) await requeue(tx, row)
        else await readdress(tx, channelKinds, row)
        await tx.query("select pg_notify('notifications', '')")
        if (facts) await append(tx, facts, [entry(row, actor, clock.now())])
      })
    },
  }
}

async function requeue(tx: Queryable, row: NotificationRow): Promise<void> {
  const { rows } = await tx.query<NotificationRow>(
    `update notifications set state = 'queued', table_start = attempt, next_attempt_at = now(), error = null
      where id = $1 and state = 'dead' returning *`,
    [row.id],
  )
  const [queued] = rows
  if (!queued) throw notDead(row)
  await writeChange(tx, notificationChange(queued))
}

async function readdress(
  tx: Queryable,
  channelKinds: readonly string[],
  row: NotificationRow,
): Promise<void> {
  const { rows } = await tx.query<NotificationRow>(
    "update notifications set state = 'cancelled' where id = $1 and state = 'dead' returning *",
    [row.id],
  )
  const [replaced] = rows
  if (!replaced) throw notDead(row)
  const { added, unreachable, faults } = await enqueue(
    tx,
    { channelKinds },
    {
      group: { kind: row.group_kind, id: row.group_id },
      step: row.step,
      departments: [row.department],
      payload: () => row.payload,
    },
  )
  if (added === 0 || unreachable.length > 0) {
    // What is the matter now: the old letter may be dead of something that was mended since.
    const fault = faults.find(({ channel }) => channel === row.channel) ?? faults[0]
    const text = fault?.error ?? `department ${row.department} has no other channel that it could go to`
    throw new SharpEyesError('state_conflict', `it cannot be sent: ${text}`, {
      details: { why: fault?.code ?? 'no_other_channel', department: row.department, state: row.state },
    })
  }
  await writeChange(tx, notificationChange(replaced))
}

const notDead = (row: NotificationRow): SharpEyesError =>
  new SharpEyesError(
    'state_conflict',
    `notification ${row.id} is ${row.state}; only a dead one is sent again`,
    {
      details: { why: 'not_dead', state: row.state },
    },
  )

function entry(row: NotificationRow, actor: Actor, at: number): CaseEvent {
  const { step, department, channel, message_id: messageId } = row
  return {
    kind: 'notify_retry',
    at,
    actor: { kind: actor.kind, name: actor.name, role: 'operator' },
    from: null,
    to: null,
    reason: null,
    data: { step, department, channel, messageId },
  }
}
