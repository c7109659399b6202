import type { Queryable } from '../../core/ports/database.ts'

export const HISTORY_MODES = ['hypertable_full', 'hypertable_apache', 'native_partitions'] as const
export type HistoryMode = (typeof HISTORY_MODES)[number]

export interface ModeRow {
  readonly mode: HistoryMode
  /** Of TimescaleDB; null: there is none. */
  readonly version: string | null
  /** Why it is not more than that; null: nothing to say. */
  readonly note: string | null
  readonly since: Date
}

/** What adapters/postgres/timescale found at the last migration. */
export async function readMode(tx: Queryable): Promise<ModeRow> {
  const { rows } = await tx.query<ModeRow>('select mode, version, note, since from history_mode')
  if (!rows[0]) throw new Error('history_mode has no row')
  return rows[0]
}
