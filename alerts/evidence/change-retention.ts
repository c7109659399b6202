import type { MachineActor } from '../../core/actor.ts'
import { writeChange } from '../../core/changes.ts'
import type { Database } from '../../core/ports/database.ts'

/** A run deletes at most so many rows; the next night goes on. */
const MAX_ROWS = 500_000
const TIMER: MachineActor = 'timer'

/**
 * Deletes rows of the change log that nobody needs: `at` before `ago`, or before `longAgo` for looks, configuration
 * and shifts, and for what belongs to a case, which stays besides until `longAgo` lies after its closing. Their leaves stay in the audit tree, so
 * that every proof about other rows holds. The deletion is a row of the log itself. Answers how many went.
 */
export async function deleteChanges(database: Database, ago: Date, longAgo: Date): Promise<number> {
  return database.transaction(async (tx) => {
    // Only in this transaction: the guard of the table lets nobody else delete.
    await tx.query("select set_config('sharp_eyes.retention', 'on', true)")
    const { rows } = await tx.query<{ rows: number; first: string | null; last: string | null }>(
      `with due as (
         select ch.pos from changes ch
           left join alerts a on a.id::text = case ch.topic
                when 'alert' then ch.key when 'notification' then ch.payload ->> 'groupId' end
           left join cases c on c.no = case
                when ch.topic = 'case' then ch.key
                when ch.topic = 'notification' and ch.payload ->> 'groupKind' = 'case' then ch.payload ->> 'groupId'
                else a.case_no end
          where ch.pos is not null and ch.at < $1 and ch.pos <= (select size from audit_head)
            and ch.topic <> 'audit'
            and (ch.topic not in ('look', 'config', 'shift', 'recording') or ch.at < $2)
            and (c.no is null or (ch.at < $2 and c.closed_at < $2))
          order by ch.pos limit $3),
       gone as (delete from changes using due where changes.pos = due.pos returning changes.pos)
       select count(*)::int as rows, min(pos)::text as first, max(pos)::text as last from gone`,
      [ago, longAgo, MAX_ROWS],
    )
    const { rows: count = 0, first = null, last = null } = rows[0] ?? {}
    if (count === 0 || last === null) return 0
    await tx.query('update change_retention set whole_after = greatest(whole_after, $1::bigint)', [last])
    await writeChange(tx, {
      topic: 'audit',
      key: 'retention',
      payload: { kind: 'retention', rows: count, first, last, before: ago.toISOString(), actor: TIMER },
    })
    return count
  })
}
