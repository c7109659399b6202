import type { HoldItem, Holds } from '../../core/api/holds.ts'
import type { EvidenceOwner } from '../../core/evidence.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { City } from '../city.ts'
import { isoOf } from '../http/values.ts'
import { namedOwner, OWNER_COLUMNS, type OwnerRow, ownerJoins } from '../named-owner.ts'

/** At most so many are listed; those in force come first. */
const MAX_LISTED = 500

interface Row {
  readonly id: string
  readonly author: string
  readonly reason: string
  readonly at: Date
  readonly released_at: Date | null
  readonly released_by: string | null
  readonly release_reason: string | null
}

/** The holds of an alert, case or kept recording, oldest first, released ones included. */
export async function readHolds(tx: Queryable, { kind, id }: EvidenceOwner): Promise<HoldItem[]> {
  const { rows } = await tx.query<Row>(
    `select id, author, reason, at, released_at, released_by, release_reason from holds
      where owner_kind = $1 and owner_id = $2 order by at, id`,
    [kind, id],
  )
  return rows.map(toItem)
}

/** What is held is named as the city names it. */
export async function listHolds(tx: Queryable, city: Pick<City, 'camera' | 'sensor'>): Promise<Holds> {
  const { rows } = await tx.query<
    Row &
      OwnerRow & {
        readonly owner_kind: EvidenceOwner['kind']
        readonly owner_id: string
        readonly open: number
      }
  >(
    `select h.*, ${OWNER_COLUMNS}, (select count(*)::int from holds where released_at is null) as open
     from (select * from holds order by released_at is not null, at desc, id desc limit ${MAX_LISTED}) h
       ${ownerJoins('h.owner_kind', 'h.owner_id')}
     order by h.released_at is not null, h.at desc, h.id desc`,
  )
  return {
    open: rows[0]?.open ?? 0,
    items: rows.map((row) => ({
      ...toItem(row),
      owner: namedOwner({ kind: row.owner_kind, id: row.owner_id }, row, city),
    })),
  }
}

function toItem(row: Row): HoldItem {
  return {
    id: row.id,
    by: row.author,
    reason: row.reason,
    at: row.at.toISOString(),
    releasedAt: isoOf(row.released_at),
    releasedBy: row.released_by,
    releaseReason: row.release_reason,
  }
}
