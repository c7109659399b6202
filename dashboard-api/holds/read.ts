import type { HoldItem, Holds } from '../../core/api/holds.ts'
import type { EvidenceOwner } from '../../core/evidence.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { City } from '../city.ts'
import { isoOf } from '../http/values.ts'

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
    Row & {
      readonly owner_kind: EvidenceOwner['kind']
      readonly owner_id: string
      readonly type: string | null
      readonly camera: string | null
      readonly source_kind: 'camera' | 'sensor' | null
      readonly address: string | null
      readonly from_at: Date | null
      readonly to_at: Date | null
      readonly open: number
    }
  >(
    `select h.*, coalesce(a.type, c.type) as type, coalesce(k.camera, a.source_id, c.camera) as camera, a.source_kind,
       coalesce(a.place, c.place) ->> 'address' as address,
       coalesce(k.from_at, a.started_at, c.filed_at) as from_at, k.to_at,
       (select count(*)::int from holds where released_at is null) as open
     from (select * from holds order by released_at is not null, at desc, id desc limit ${MAX_LISTED}) h
       left join kept_recordings k on k.id = case when h.owner_kind = 'recording' then h.owner_id::uuid end
       left join alerts a on a.id = case when h.owner_kind = 'alert' then h.owner_id::uuid end
       left join cases c on h.owner_kind = 'case' and c.no = h.owner_id
     order by h.released_at is not null, h.at desc, h.id desc`,
  )
  return {
    open: rows[0]?.open ?? 0,
    items: rows.map((row) => {
      const { type, camera } = row
      const find = (id: string) => (row.source_kind === 'sensor' ? city.sensor(id) : city.camera(id))
      const source = camera === null ? null : find(camera)
      return {
        ...toItem(row),
        owner: {
          ...{ kind: row.owner_kind, id: row.owner_id, type, camera },
          cameraName: camera === null ? null : (source?.name ?? { zh: camera, en: camera }),
          address: row.address ?? source?.place?.address ?? null,
          ...{ from: isoOf(row.from_at), to: isoOf(row.to_at) },
        },
      }
    }),
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
