import type { Queryable } from '../../core/ports/database.ts'
import type { NotificationRow } from './row.ts'

/** Names of what a notification is about, as logs and traces call it. */
export interface MatterNames {
  readonly alert?: string
  readonly case?: string
  /** The latest event of the alert. */
  readonly event?: string
}

export async function matterOf(
  database: Queryable,
  { group_kind, group_id }: Pick<NotificationRow, 'group_kind' | 'group_id'>,
): Promise<MatterNames> {
  const sql =
    group_kind === 'alert'
      ? 'select id as alert, case_no as "case", event_id as event from alerts where id = $1::uuid'
      : `select c.alert_id as alert, c.no as "case", a.event_id as event
           from cases c left join alerts a on a.id = c.alert_id where c.no = $1`
  const { rows } = await database.query<Record<keyof MatterNames, string | null>>(sql, [group_id])
  return Object.fromEntries(Object.entries(rows[0] ?? {}).filter(([, name]) => name !== null))
}
