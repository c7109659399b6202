import { type Actor, hasRole } from '../../core/actor.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock, Database } from '../../core/ports.ts'
import { append, lockCase } from '../cases/store.ts'
import { type NotificationRow, notificationChange } from './row.ts'

export interface NotificationCommands {
  /** Sends a dead letter again: same message id, the retry table from its start. 403, 404, 409 in this order. */
  retry(id: string, actor: Actor): Promise<void>
}

export function createNotificationCommands(deps: {
  readonly database: Database
  readonly clock: Clock
}): NotificationCommands {
  const { database, clock } = deps
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
        const { rows } = await tx.query<NotificationRow>(
          `update notifications set state = 'queued', table_start = attempt, next_attempt_at = now(), error = null
            where id = $1 and state = 'dead' returning *`,
          [row.id],
        )
        const [queued] = rows
        if (!queued) {
          throw new SharpEyesError(
            'state_conflict',
            `notification ${id} is ${row.state}; only a dead one is sent again`,
            { details: { state: row.state } },
          )
        }
        await writeChange(tx, notificationChange(queued))
        if (facts) {
          const { step, department, channel, message_id: messageId } = queued
          await append(tx, facts, [
            {
              kind: 'notify_retry',
              at: clock.now(),
              actor: { kind: actor.kind, name: actor.name, role: 'operator' },
              from: null,
              to: null,
              reason: null,
              data: { step, department, channel, messageId },
            },
          ])
        }
        await tx.query("select pg_notify('notifications', '')")
      })
    },
  }
}
