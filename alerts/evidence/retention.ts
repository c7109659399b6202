import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { deleteChanges } from './change-retention.ts'

const DAY_MS = 86_400_000

/** Days until evidence of a class is deleted. `original` is shorter: the sealed picture shows more than is needed. */
export interface RetentionDays {
  /** Evidence of alerts that were rejected or never judged. */
  readonly alert: number
  /** Evidence of alerts that became a case, and attachments of cases, counted from the closing. */
  readonly case: number
  readonly original: number
  /** Rows of the change log; those of cases, and looks, as long as `case`. */
  readonly changes: number
}

export const DEFAULT_RETENTION: RetentionDays = {
  alert: 90,
  case: 1_095,
  original: 90,
  changes: 90,
}

interface Due {
  id: string
  sha256: string
}

/**
 * One nightly run. For each piece of evidence whose class has run out and that nobody holds: the tombstone commits
 * first (the hash is kept), then the file goes, unless another living row has the same bytes (invariant 8).
 */
export async function runRetention(
  {
    database,
    store,
    clock,
    log,
    metrics,
  }: { database: Database; store: EvidenceStore; clock: Clock; log: Log; metrics: Metrics },
  days: RetentionDays = DEFAULT_RETENTION,
): Promise<{ deleted: number }> {
  const ago = (n: number) => new Date(clock.now() - n * DAY_MS)
  const { rows } = await database.query<Due>(
    `select e.id, e.sha256 from evidence e
       left join alerts a on e.owner_kind = 'alert' and a.id::text = e.owner_id
       left join cases c on c.no = case when e.owner_kind = 'case' then e.owner_id else a.case_no end
     where e.tombstoned_at is null and (
       (e.variant = 'original' and e.kind <> 'attachment' and e.created_at < $1 and (c.no is null or c.closed_at < $1)) or
       (c.no is null and e.created_at < $2) or
       (c.closed_at < $3))`,
    [ago(days.original), ago(days.alert), ago(days.case)],
  )
  let deleted = 0
  for (const due of rows) {
    if (await tombstone(database, store, due)) deleted += 1
  }
  await deleteChanges(database, ago(days.changes), ago(days.case))
  metrics.count('evidence_deleted_total', {}, deleted)
  log.info({ due: rows.length, deleted }, 'retention ran')
  return { deleted }
}

/** Of the piece of evidence `e`: a hold of what owns it, or of a case that was ever filed from its alert. */
const HELD = `select 1 from holds h where h.released_at is null and (
  (h.owner_kind = e.owner_kind and h.owner_id = e.owner_id) or
  (h.owner_kind = 'case' and e.owner_kind = 'alert' and h.owner_id in (
    select c.no from cases c where c.alert_id = case when e.owner_kind = 'alert' then e.owner_id::uuid end)))`

async function tombstone(database: Database, store: EvidenceStore, { id, sha256 }: Due): Promise<boolean> {
  const gone = await database.transaction(async (tx) => {
    await tx.query('select 1 from evidence where id = $1 for update', [id])
    // In a statement after the lock, which whoever places a hold takes too: either this sees the hold, or the hold
    // finds the tombstone and says so. One statement for both would look for holds in a snapshot from before the wait.
    const { rowCount } = await tx.query(
      `update evidence e set tombstoned_at = now(), tombstone_reason = 'retention'
       where id = $1 and tombstoned_at is null and not exists (${HELD})`,
      [id],
    )
    return rowCount > 0
  })
  if (!gone) return false
  const { rows } = await database.query(
    'select 1 from evidence where sha256 = $1 and tombstoned_at is null limit 1',
    [sha256],
  )
  if (rows.length === 0) await store.remove(sha256)
  return true
}
