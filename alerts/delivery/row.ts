import type { NewChange } from '../../core/changes.ts'
import type { NotificationPayload } from './message.ts'

/** What notifications about one matter are told apart by: the alert before filing, then the case. */
export interface NotificationGroup {
  readonly kind: 'alert' | 'case'
  readonly id: string
}

type NotificationState = 'queued' | 'sending' | 'sent' | 'dead' | 'cancelled'

/** A row of `notifications` as PostgreSQL gives it. */
export interface NotificationRow {
  readonly id: string
  readonly message_id: string
  readonly group_kind: NotificationGroup['kind']
  readonly group_id: string
  readonly step: string
  readonly department: string
  readonly channel: string
  readonly recipient: string
  readonly state: NotificationState
  readonly attempt: number
  readonly table_start: number
  readonly next_attempt_at: Date
  readonly until: Date | null
  readonly possible_duplicates: number
  readonly payload: NotificationPayload
  readonly provider_code: string | null
  readonly error: string | null
  readonly created_at: Date
  readonly sent_at: Date | null
}

/** The step by which the alert's n-th verdict takes an unverified notification back. */
export const cancelStep = (n: number): string => (n === 1 ? 'cancel' : `cancel:${n}`)
/** The step that corrects what the n-th verdict sent, after that was withdrawn. */
export const correctStep = (n: number): string => `correct:${n}`
/** SQL: steps that take back what was told before, or correct that. */
export const followsUp = (row: string): string => `(${row}.step ~ '^(cancel|correct)(:|$)')`

export const notificationChange = (row: NotificationRow): NewChange => ({
  topic: 'notification',
  key: row.id,
  payload: {
    departments: [row.department],
    id: row.id,
    messageId: row.message_id,
    groupKind: row.group_kind,
    groupId: row.group_id,
    step: row.step,
    department: row.department,
    channel: row.channel,
    recipient: row.recipient,
    state: row.state,
    attempt: row.attempt,
    nextAttemptAt: row.state === 'queued' ? row.next_attempt_at : null,
    possibleDuplicates: row.possible_duplicates,
    providerCode: row.provider_code,
    error: row.error,
    sentAt: row.sent_at,
  },
})
