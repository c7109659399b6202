import { writeChanges } from '../../core/changes.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { DurationMs } from '../../core/units.ts'
import { followsUp, type NotificationRow, notificationChange } from './row.ts'

/** A handler may be this much later than its call's time-out before another takes the row. */
const GRACE_MS = 5_000

/**
 * Takes up to `limit` due rows for this worker and commits them as `sending` **before** any call (invariant 5). Until
 * `until` no other worker takes them. A row whose `until` has passed was left by a worker that died: its outcome is
 * unknown, so it is taken again with the same message id and counted as a possible duplicate. Times are the
 * database's, so workers need no common clock.
 */
export async function claim(
  database: Database,
  options: { readonly limit: number; readonly callTimeoutMs: DurationMs },
): Promise<readonly NotificationRow[]> {
  const { limit, callTimeoutMs } = options
  return database.transaction(async (tx) => {
    const given = await giveUpWithdrawn(tx)
    const { rows } = await tx.query<NotificationRow>(
      `with due as (
         select n.id, n.state as was from notifications n
          where n.state in ('queued', 'sending') and n.next_attempt_at <= now()
            and (n.state = 'queued' or n.until <= now())
            -- A cancellation or correction waits until it is known what became of what it takes back.
            and not (${followsUp('n')} and exists (select 1 from notifications f
                 where f.group_kind = n.group_kind and f.group_id = n.group_id and f.channel = n.channel
                   and f.recipient = n.recipient and f.id <> n.id and f.state = 'sending'))
          order by n.next_attempt_at, n.created_at limit $1
          for update of n skip locked),
       unknown as (
         insert into notification_attempts (notification_id, attempt, outcome, code, error)
         select n.id, n.attempt, 'unknown', 'crashed', 'the worker died between the call and its record'
           from notifications n join due on due.id = n.id where due.was = 'sending'
         on conflict (notification_id, attempt) do nothing)
       update notifications n
          set state = 'sending', attempt = n.attempt + 1, until = now() + $2 * interval '1 millisecond',
              possible_duplicates = n.possible_duplicates + (due.was = 'sending')::int
         from due where n.id = due.id
       returning n.*`,
      [limit, callTimeoutMs + GRACE_MS],
    )
    await writeChanges(tx, [...given, ...rows].map(notificationChange))
    return rows
  })
}

/** Rows left in `sending` by a dead worker that were taken back meanwhile are not sent again. */
async function giveUpWithdrawn(tx: Queryable): Promise<readonly NotificationRow[]> {
  const { rows } = await tx.query<NotificationRow>(
    `with lost as (
       select n.id from notifications n
        where n.state = 'sending' and n.until <= now() and n.withdrawn
        for update of n skip locked),
     unknown as (
       insert into notification_attempts (notification_id, attempt, outcome, code, error)
       select n.id, n.attempt, 'unknown', 'crashed', 'the worker died between the call and its record'
         from notifications n join lost on lost.id = n.id
       on conflict (notification_id, attempt) do nothing)
     update notifications n set state = 'cancelled', until = null from lost where n.id = lost.id returning n.*`,
  )
  return rows
}
