import type { HoldItem } from '../../core/api/holds.ts'
import type { EvidenceOwner } from '../../core/evidence.ts'
import type { Queryable } from '../../core/ports.ts'
import { isoOf } from '../http/values.ts'

/** The holds of an alert or case, oldest first, released ones included. */
export async function readHolds(tx: Queryable, { kind, id }: EvidenceOwner): Promise<HoldItem[]> {
  const { rows } = await tx.query<{
    id: string
    author: string
    reason: string
    at: Date
    released_at: Date | null
    released_by: string | null
    release_reason: string | null
  }>(
    `select id, author, reason, at, released_at, released_by, release_reason from holds
      where owner_kind = $1 and owner_id = $2 order by at, id`,
    [kind, id],
  )
  return rows.map((row) => ({
    id: row.id,
    by: row.author,
    reason: row.reason,
    at: row.at.toISOString(),
    releasedAt: isoOf(row.released_at),
    releasedBy: row.released_by,
    releaseReason: row.release_reason,
  }))
}
