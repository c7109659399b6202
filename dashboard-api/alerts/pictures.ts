import type { AlertDetail, AlertItem } from '../../core/api/shapes.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { City } from '../city.ts'
import { type AlertRow, type Requested, stillState } from './rows.ts'

type Item = AlertDetail['pictures'][number]

interface PictureRow {
  readonly camera: string
  readonly kind: Item['kind']
  readonly stored: boolean | null
  readonly captured_at: Date | null
  readonly request: Requested | null
  readonly error: string | null
}

/** What is there, or waited for, of each camera of an alert: its own camera first, then in the order asked for. */
export async function picturesOf(tx: Queryable, alert: AlertRow, city: City): Promise<Item[]> {
  const { rows } = await tx.query<PictureRow>(
    `select coalesce(r.camera, e.camera) as camera, coalesce(r.kind, e.kind) as kind, r.state as request, r.error,
            e.there as stored, e.captured_at
       from (select camera, kind, state, error, rank from picture_requests where alert_id = $1::uuid) r
       full join (
         select camera, kind, bool_or(tombstoned_at is null) as there,
                (array_agg(captured_at order by tombstoned_at is null desc, created_at desc))[1] as captured_at
           from evidence
          where owner_kind = 'alert' and owner_id = $1::text and variant = 'masked' and camera is not null
          group by camera, kind) e on e.camera = r.camera and e.kind = r.kind
      order by coalesce(r.rank, 0), camera, kind desc`,
    [alert.id],
  )
  const named = (camera: string) => city.camera(camera)?.name ?? { zh: camera, en: camera }
  const items = rows.map((row): Item => {
    const state = stateOf(row)
    const error = state === 'failed' ? row.error : null
    return {
      camera: row.camera,
      cameraName: named(row.camera),
      kind: row.kind,
      state,
      capturedAt: row.captured_at?.toISOString() ?? null,
      ...{ error, why: pictureFaults.read(error) },
    }
  })
  return [...withoutRow(alert, items, named), ...items]
}

function stateOf({ stored, request }: Pick<PictureRow, 'stored' | 'request'>): Item['state'] {
  if (stored !== null) return stored ? 'ready' : 'expired'
  return request === 'waiting' ? 'pending' : 'failed'
}

/** The still that travels with its event has no row before it is there. */
function withoutRow(
  alert: AlertRow,
  items: readonly Item[],
  named: (camera: string) => AlertItem['cameraName'],
): readonly Item[] {
  const camera = alert.source_id
  if (alert.source_kind !== 'camera') return []
  if (items.some((item) => item.camera === camera && item.kind === 'still')) return []
  const state = stillState(alert)
  if (state !== 'pending' && state !== 'failed') return []
  const { still } = alert.cause
  const error = still !== null && 'failed' in still ? still.failed : null
  const why = pictureFaults.read(error)
  return [{ camera, cameraName: named(camera), kind: 'still', state, capturedAt: null, error, why }]
}

/** How it stands with one picture that was asked for; null: nobody asked. */
export async function requestOf(
  tx: Queryable,
  alertId: string,
  camera: string,
  kind: Item['kind'],
): Promise<{ readonly state: Requested; readonly error: string | null } | null> {
  const { rows } = await tx.query<{ state: Requested; error: string | null }>(
    'select state, error from picture_requests where alert_id = $1 and camera = $2 and kind = $3',
    [alertId, camera, kind],
  )
  return rows[0] ?? null
}
