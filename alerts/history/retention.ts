import type { Database } from '../../core/ports/database.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { DAY_TABLES, type DayTable, dropPartitions } from '../partitions/partitions.ts'
import type { HistoryMode } from './mode.ts'
import type { KeepDays } from './policies.ts'
import { ROLLUP_OF } from './rollup-names.ts'
import { readRollup } from './rollups.ts'

const DAY_MS: DurationMs = 86_400_000
/** Idempotency of messages: longer than topics keep them (7 d) and than the longest spool outage (invariant 10). */
export const INBOX_DAYS = 30
const BATCH = 10_000
const MAX_BATCHES = 100

/**
 * Deletes raw rows of events and readings that are older than configured, whole days at once, after they are in the
 * rollups: those are kept. Where the database has retention policies of its own (`hypertable_full`) it only writes down
 * how far raw rows are complete. Returns what was dropped.
 */
export async function deleteOldRows(
  database: Database,
  mode: HistoryMode,
  keep: KeepDays,
  now: EpochMs,
): Promise<readonly string[]> {
  const dropped: string[] = []
  for (const table of DAY_TABLES) {
    const days = keep[table]
    if (days === null) continue
    const before = Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS
    if (mode !== 'hypertable_full' && !(await isCounted(database, table, before))) continue
    // Committed first: from here on nothing before it is counted anew, whatever is dropped.
    await database.query(
      'update history_rollups set raw_from = greatest(coalesce(raw_from, $2), $2) where name = $1',
      [ROLLUP_OF[table], new Date(before)],
    )
    if (mode === 'native_partitions') dropped.push(...(await dropPartitions(database, table, before)))
    else if (mode === 'hypertable_apache') dropped.push(...(await dropChunks(database, table, before)))
  }
  return dropped
}

/** Whether every row before `before` is in the rollup. */
async function isCounted(database: Database, table: DayTable, before: EpochMs): Promise<boolean> {
  const { watermark } = await readRollup(database, ROLLUP_OF[table])
  if (watermark.getTime() < before) return false
  const { rows } = await database.query<{ waiting: boolean }>(
    'select exists (select from history_late where rollup = $1 and at < $2) as waiting',
    [ROLLUP_OF[table], new Date(before)],
  )
  return !rows[0]?.waiting
}

async function dropChunks(database: Database, table: DayTable, before: EpochMs): Promise<readonly string[]> {
  const { rows } = await database.query<{ chunk: string }>(
    `select drop_chunks('${table}', older_than => $1::timestamptz) as chunk`,
    [new Date(before)],
  )
  return rows.map(({ chunk }) => chunk)
}

/** In batches, so that no statement holds locks for long. Returns how many went; the rest is for the next time. */
export async function deleteOldInbox(database: Database, now: EpochMs): Promise<number> {
  let deleted = 0
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const { rowCount } = await database.query(
      'delete from inbox where ctid = any (array(select ctid from inbox where received_at < $1 limit $2))',
      [new Date(now - INBOX_DAYS * DAY_MS), BATCH],
    )
    deleted += rowCount
    if (rowCount < BATCH) break
  }
  return deleted
}
