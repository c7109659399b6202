import type { NotificationItem } from '../core/api/shapes.ts'
import type { Queryable } from '../core/ports/database.ts'
import type { City } from './city.ts'
import { isoOf } from './http/values.ts'

interface NotificationRow {
  readonly id: string
  readonly message_id: string
  readonly step: string
  readonly department: string
  readonly channel: string
  readonly recipient: string
  readonly state: NotificationItem['state']
  readonly attempt: number
  readonly next_attempt_at: Date
  readonly possible_duplicates: number
  readonly provider_code: string | null
  readonly error: string | null
  readonly created_at: Date
  readonly sent_at: Date | null
}

/** Notifications of alerts and cases, oldest first. Their payloads and secrets stay inside. */
export async function readNotifications(
  tx: Queryable,
  city: City,
  groups: readonly (readonly ['alert' | 'case', string])[],
): Promise<NotificationItem[]> {
  const { rows } = await tx.query<NotificationRow>(
    `select id, message_id, step, department, channel, recipient, state, attempt, next_attempt_at, possible_duplicates,
       provider_code, error, created_at, sent_at
     from notifications
     where (group_kind, group_id) in (select * from unnest($1::text[], $2::text[])) order by created_at, id`,
    [groups.map(([kind]) => kind), groups.map(([, id]) => id)],
  )
  return rows.map((row) => ({
    id: row.id,
    messageId: row.message_id,
    step: row.step,
    department: row.department,
    departmentName: city.departmentName(row.department),
    channel: row.channel,
    recipient: row.recipient,
    state: row.state,
    attempt: row.attempt,
    nextAttemptAt: row.state === 'queued' ? row.next_attempt_at.toISOString() : null,
    possibleDuplicates: row.possible_duplicates,
    providerCode: row.provider_code,
    error: row.error,
    createdAt: row.created_at.toISOString(),
    sentAt: isoOf(row.sent_at),
  }))
}
