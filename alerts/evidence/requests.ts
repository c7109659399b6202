import type { Queryable } from '../../core/ports/database.ts'
import type { PictureTask } from '../../core/ports/pictures.ts'
import type { EpochMs } from '../../core/units.ts'

export type PictureKind = PictureTask['kind']

/** One picture that an alert waits for. */
export interface PictureRequest {
  readonly alertId: string
  readonly camera: string
  readonly kind: PictureKind
  /** Whose pinned ring files it comes from; null: nothing was pinned for it. */
  readonly pinId: string | null
  /** [from, to] of a clip; both are the moment of a still. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** What it must show. */
  readonly moment: EpochMs
  /** On whose disk the recording is; null: whoever held the camera at the moment, as far as is known. */
  readonly worker: string | null
  /** 0: the alert's own camera; others in the order in which they are shown. */
  readonly rank: number
}

/** An interval is at most a day long. */
const HOLDER_AT_MOMENT = `select c.worker from coverage c where c.camera = r.camera and c.from_at <= r.moment
  and c.from_at > r.moment - interval '1 day' and c.to_at > r.moment order by c.from_at desc, c.id desc limit 1`
/** The last seconds are in no interval yet. */
const HOLDER_NOW = 'select l.worker from camera_leases l where l.camera = r.camera and l.until >= now()'

/** Who held the camera of row `r` at its moment, as far as is known. */
export const HOLDER = `coalesce((${HOLDER_AT_MOMENT}), (${HOLDER_NOW}))`

/** The way of alerts into `picture_requests` (kept recordings: recordings.ts). Asking again for the same picture of an alert is nothing new. */
export async function insertRequests(tx: Queryable, requests: readonly PictureRequest[]): Promise<void> {
  if (requests.length === 0) return
  const iso = (at: EpochMs) => new Date(at).toISOString()
  await tx.query(
    `insert into picture_requests (alert_id, camera, kind, pin_id, from_at, to_at, moment, worker, rank, state)
     select r.alert_id, r.camera, r.kind, r.pin_id, r.from_at, r.to_at, r.moment,
            coalesce(r.worker, ${HOLDER}), r.rank, 'waiting'
       from jsonb_to_recordset($1::jsonb) as r (alert_id uuid, camera text, kind text, pin_id text, from_at timestamptz,
              to_at timestamptz, moment timestamptz, worker text, rank integer)
     on conflict (alert_id, camera, kind) do nothing`,
    [
      JSON.stringify(
        requests.map((request) => ({
          alert_id: request.alertId,
          camera: request.camera,
          kind: request.kind,
          pin_id: request.pinId,
          from_at: iso(request.from),
          to_at: iso(request.to),
          moment: iso(request.moment),
          worker: request.worker,
          rank: request.rank,
        })),
      ),
    ],
  )
}

/**
 * Asks for pictures of `cameras` (in the order in which they are shown) around a moment, for an alert of something else:
 * a sensor whose limit is exceeded. A still shows `moment`, a clip [from, to]. In the caller's transaction; asked again
 * for the same alert, camera and kind it changes nothing.
 */
export async function requestPictures(
  tx: Queryable,
  {
    alertId,
    cameras,
    moment,
    from,
    to,
    kinds,
  }: {
    readonly alertId: string
    readonly cameras: readonly string[]
    readonly moment: EpochMs
    readonly from: EpochMs
    readonly to: EpochMs
    readonly kinds: readonly PictureKind[]
  },
): Promise<void> {
  const asked = { alertId, moment, pinId: null, worker: null }
  await insertRequests(
    tx,
    [...new Set(cameras)].flatMap((camera, place) =>
      kinds.map((kind) => {
        const span = kind === 'still' ? { from: moment, to: moment } : { from, to }
        return { ...asked, ...span, camera, kind, rank: place + 1 }
      }),
    ),
  )
}
