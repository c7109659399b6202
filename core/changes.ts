import type { Queryable } from './ports/database.ts'

export const CHANGE_TOPICS = [
  'alert',
  'case',
  'notification',
  'recording',
  'look',
  'camera',
  'sensor',
  'config',
  'shift',
  'audit',
] as const
export type ChangeTopic = (typeof CHANGE_TOPICS)[number]

export interface NewChange {
  readonly topic: ChangeTopic
  readonly key: string
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * Writes one row of the change log. Call it in the transaction of the change, after it holds the lock of what it
 * changes; the sequencer gives the position after the commit. `payload` has what rights are decided by
 * (`departments` of a case) and the short state that lists show.
 */
export async function writeChange(tx: Queryable, change: NewChange): Promise<void> {
  await writeChanges(tx, [change])
}

/** As `writeChange`, for many rows in this order. */
export async function writeChanges(tx: Queryable, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx.query(
    `insert into changes (topic, key, payload)
     select row ->> 'topic', row ->> 'key', row -> 'payload'
       from jsonb_array_elements($1::jsonb) with ordinality as list (row, place) order by place`,
    [JSON.stringify(changes)],
  )
  await tx.query("select pg_notify('changes', '')")
}
