import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { createDiskEvidenceStore } from './disk.ts'
import type { EvidenceShelf } from './shelf.ts'

const ORPHAN_AGE_MS = 24 * 3_600_000

/** As `collectOrphansOf`, of a disk evidence store in `folder`. */
export const collectOrphans = (folder: string, database: Queryable, clock: Clock): Promise<number> =>
  collectOrphansOf(createDiskEvidenceStore(folder), database, clock)

/**
 * Removes what no living row has named for a day (a process was killed between the bytes and the row, or the event of a
 * still was never delivered). Returns how many.
 */
export async function collectOrphansOf(
  shelf: EvidenceShelf,
  database: Queryable,
  clock: Clock,
): Promise<number> {
  const before = clock.now() - ORPHAN_AGE_MS
  let removed = 0
  for await (const old of shelf.aged(before)) {
    const { rows } = await database.query<{ sha256: string }>(
      'select distinct sha256 from evidence where sha256 = any($1) and tombstoned_at is null',
      [old],
    )
    const living = new Set(rows.map((row) => row.sha256))
    for (const sha256 of old.filter((name) => !living.has(name))) {
      if (await shelf.removeAged(sha256, before)) removed += 1
    }
  }
  return removed
}
