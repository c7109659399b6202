import type { NamedOwner } from '../core/api/named-owner.ts'
import type { City } from './city.ts'
import { isoOf } from './http/values.ts'

/** The columns of `OWNER_COLUMNS`. */
export interface OwnerRow {
  readonly type: string | null
  readonly camera: string | null
  readonly source_kind: 'camera' | 'sensor' | null
  readonly address: string | null
  readonly from_at: Date | null
  readonly to_at: Date | null
}

export const OWNER_COLUMNS = `coalesce(a.type, c.type) as type, coalesce(k.camera, a.source_id, c.camera) as camera, a.source_kind,
  coalesce(a.place, c.place) ->> 'address' as address,
  coalesce(k.from_at, a.started_at, c.filed_at) as from_at, k.to_at`

/** Joins what is named: `kind` and `id` are SQL. The case is `c`. */
export const ownerJoins = (kind: string, id: string): string =>
  `left join kept_recordings k on k.id = case when ${kind} = 'recording' then (${id})::uuid end
   left join alerts a on a.id = case when ${kind} = 'alert' then (${id})::uuid end
   left join cases c on ${kind} = 'case' and c.no = ${id}`

/** What is named as the city names it. */
export function namedOwner(
  { kind, id }: Pick<NamedOwner, 'kind' | 'id'>,
  row: OwnerRow,
  city: Pick<City, 'camera' | 'sensor'>,
): NamedOwner {
  const { type, camera } = row
  const source =
    camera === null ? null : row.source_kind === 'sensor' ? city.sensor(camera) : city.camera(camera)
  return {
    ...{ kind, id, type, camera },
    cameraName: camera === null ? null : (source?.name ?? { zh: camera, en: camera }),
    address: row.address ?? source?.place?.address ?? null,
    ...{ from: isoOf(row.from_at), to: isoOf(row.to_at) },
  }
}
