import type { Queryable } from './ports.ts'

export const CHANGE_TOPICS = ['alert', 'case', 'notification', 'look', 'camera'] as const
export type ChangeTopic = (typeof CHANGE_TOPICS)[number]

/**
 * Writes one row of the change log. Call it in the transaction of the change, after it holds the lock of what it
 * changes; the sequencer gives the position after the commit. `payload` has what rights are decided by
 * (`departments` of a case) and the short state that lists show.
 */
export async function writeChange(
  tx: Queryable,
  change: { topic: ChangeTopic; key: string; payload: Readonly<Record<string, unknown>> },
): Promise<void> {
  await tx.query('insert into changes (topic, key, payload) values ($1, $2, $3)', [
    change.topic,
    change.key,
    JSON.stringify(change.payload),
  ])
  await tx.query("select pg_notify('changes', '')")
}
