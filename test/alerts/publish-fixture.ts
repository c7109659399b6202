import { randomUUID } from 'node:crypto'
import { systemClock } from '../../adapters/clock.ts'
import { writeChange } from '../../core/changes.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'

/** Payload of a notification's change row as alerts/delivery writes it. `attempt` says which of its changes it is. */
export const notificationPayload = (groupId: string, attempt: number) => ({
  departments: ['ecology'],
  id: randomUUID(),
  messageId: 'msg_1',
  groupKind: 'case',
  groupId,
  step: 'filed',
  department: 'ecology',
  channel: 'webhook',
  recipient: 'ecology/1',
  state: 'queued',
  attempt,
  nextAttemptAt: null,
  possibleDuplicates: 0,
  providerCode: null,
  error: 'no text of a receiver goes out',
  sentAt: null,
})

/** A change that becomes a message under the key `groupId`. */
export const writeNumbered = (database: Database | Queryable, groupId: string, attempt: number) => {
  const change = {
    topic: 'notification' as const,
    key: randomUUID(),
    payload: notificationPayload(groupId, attempt),
  }
  return 'transaction' in database
    ? database.transaction((tx) => writeChange(tx, change))
    : writeChange(database, change)
}

/** Waits of seconds pass in milliseconds, so that a backoff is seen through. */
export const hastyClock: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
}
