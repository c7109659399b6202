import { randomUUID } from 'node:crypto'
import { writeChange } from '../../core/changes.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Box } from '../../core/geometry.ts'
import { pictureFaults } from '../../core/picture-fault.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { MadePicture, PictureTask, PictureWork } from '../../core/ports/pictures.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { type AlertRow, alertChange } from '../alert/row.ts'
import { ownerOfRecording } from './recordings.ts'
import type { PictureKind } from './requests.ts'

/** The masked film is there within 60 s (DESIGN section 1); encoding one takes some seconds of them. */
const IN_TIME_MS = 45_000
const MAX_ATTEMPTS = 5
/** Times the attempts so far: the wait after a failure. */
const WAIT_SECONDS = 5
/** The ring writes the last fragments a moment after they were captured. */
const SETTLE_MS = 1_500
/** Longer than cutting, masking and handing in take together: after it the worker is taken for dead. */
const CLAIM_SECONDS = 300
/** A worker that was not heard of for so long is away. */
const AWAY_SECONDS = 20
/** How long a picture waits for the worker whose disk has it. */
const PATIENCE_SECONDS = 600
const GIVE_UP_EVERY_MS = 10_000
/** Pins are named by their events. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface RequestRow {
  readonly id: string
  /** One of the two. */
  readonly alert_id: string | null
  readonly recording: string | null
  readonly camera: string
  readonly kind: PictureKind
  readonly pin_id: string | null
  readonly from_at: Date
  readonly to_at: Date
  readonly moment: Date
  readonly worker: string | null
  readonly rank: number
  readonly attempts: number
  readonly claimed_by: string | null
}

interface ClaimedRow extends RequestRow {
  readonly box: Box | null
  readonly body: CameraConfig | null
}

/** Whether the worker named by the SQL expression is heard of. One that asks is. */
const isThere = (worker: string) =>
  `(${worker} = $1 or exists (select 1 from workers w where w.name = ${worker} and w.started_at is not null
     and w.last_seen >= now() - make_interval(secs => ${AWAY_SECONDS})))`
const HELD_BY_ME =
  'exists (select 1 from camera_leases l where l.camera = r.camera and l.worker = $1 and l.until >= now())'
/** Whether $1 may make the request `r`: its disk has the moment, or it holds the camera and nobody better is there. */
const MAY_MAKE = `(r.worker = $1 or (
    (r.worker is null or not ${isThere('r.worker')}) and $1 <> all (r.tried) and ${HELD_BY_ME}))`
/** Whether anybody who could have it is there. */
const SOMEBODY = `(${isThere('r.worker')} or exists (select 1 from camera_leases l
    where l.camera = r.camera and l.until >= now() and l.worker <> all (r.tried)))`

/** Of a piece `r` of a kept recording: while it is held, what could not be made into a clip stays as it was recorded. */
const RECORDING_HELD = `exists (
  select 1 from kept_recordings k join holds h on h.released_at is null and (
      (h.owner_kind = 'recording' and h.owner_id = k.id::text) or (h.owner_kind = 'case' and h.owner_id = k.case_no))
   where k.id = r.recording)`

/**
 * The database's side of the pictures of alerts and kept recordings. Any number of these may work on one database: a task is one worker's
 * at a time, and its rows are written once.
 */
export function createPictureWork(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly metrics: Metrics
}): PictureWork {
  const { database, clock, metrics } = deps
  let gaveUpAt = Number.NEGATIVE_INFINITY

  /**
   * Claims the still that waits longest, else the clip that waits longest of those that can still be there within a
   * minute, else a late one: behind a backlog every clip would be late.
   */
  const claim = async (worker: string): Promise<ClaimedRow | null> => {
    const { rows } = await database.query<ClaimedRow>(
      `update picture_requests q set attempts = attempts + 1, claimed_by = $1, updated_at = now(),
              claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
       where q.id = (
         select r.id from picture_requests r
         where r.state = 'waiting' and r.to_at <= $2
           and r.attempts < ${MAX_ATTEMPTS} and (r.attempts = 0 or r.updated_at < now() - make_interval(secs => ${WAIT_SECONDS} * r.attempts))
           and (r.claimed_until is null or r.claimed_until < now() or r.claimed_by = $1)
           and ${MAY_MAKE}
         order by r.kind = 'clip', r.to_at < $3, r.to_at limit 1 for update skip locked)
       returning q.*, (select case when a.source_kind = 'camera' and a.source_id = q.camera then a.cause -> 'box' end
           from alerts a where a.id = q.alert_id) as box,
         (select c.body from config_objects c where c.kind = 'camera' and c.id = q.camera) as body`,
      [worker, new Date(clock.now() - SETTLE_MS), new Date(clock.now() - IN_TIME_MS)],
    )
    return rows[0] ?? null
  }

  /**
   * The end of what is waited for in vain. A worker that is away may come back with its disk: the wait is counted from
   * when its absence was noticed, so that after an outage of the database nobody is given up who was only not heard.
   */
  const giveUp = async (worker: string): Promise<void> => {
    await database.query(
      `update picture_requests r set absent_since = case when r.absent_since is null then now() end
       where r.state = 'waiting' and r.to_at <= $2 and coalesce(${SOMEBODY}, false) = (r.absent_since is not null)`,
      [worker, new Date(clock.now() - SETTLE_MS)],
    )
    const { rows } = await database.query<RequestRow & { readonly error: string | null }>(
      `select r.* from picture_requests r
       where r.state = 'waiting' and (r.claimed_until is null or r.claimed_until < now())
         and (r.attempts >= ${MAX_ATTEMPTS} or r.absent_since < now() - make_interval(secs => ${PATIENCE_SECONDS})
           or (r.absent_since is not null and r.worker is not null
               and not exists (select 1 from workers w where w.name = r.worker)))
       limit 100`,
    )
    for (const row of rows)
      await giveUpOn(row, [row.error, whyInVain(row)].filter((text) => text !== null).join('; '))
  }

  const giveUpOn = async (row: RequestRow, why: string): Promise<void> => {
    if (await database.transaction((tx) => settleFailed(tx, row, why))) countFailed(row)
  }
  const countFailed = ({ kind }: RequestRow) => metrics.count('pictures_failed_total', { kind })

  const next = async (worker: string): Promise<PictureTask | null> => {
    if (clock.now() - gaveUpAt >= GIVE_UP_EVERY_MS) {
      gaveUpAt = clock.now()
      await giveUp(worker)
    }
    for (;;) {
      const row = await claim(worker)
      if (row === null || row.body !== null) return row?.body ? taskOf(row, row.body) : null
      await giveUpOn(row, pictureFaults.write('camera_gone'))
    }
  }

  return {
    next,
    async done(worker, task, made) {
      if (made.length === 0) throw new SharpEyesError('invalid', `picture ${task}: nothing was made`)
      const row = await database.transaction(async (tx) => {
        const mine = await lockTask(tx, worker, task)
        if (!mine) return null
        for (const picture of made) await insertEvidence(tx, mine, worker, picture)
        const kept = mine.recording === null ? [] : made.map(({ sha256 }) => sha256)
        await tx.query(
          `update picture_requests set state = 'done', error = null, claimed_by = null, claimed_until = null,
             made = $2, updated_at = now() where id = $1`,
          [mine.id, kept],
        )
        await tellPicture(tx, mine, 'ready')
        return mine
      })
      if (!row) return metrics.count('pictures_ignored_total')
      const { kind, to_at } = row
      metrics.observe('picture_wait_seconds', { kind }, (clock.now() - to_at.getTime()) / 1_000)
    },
    async failed(worker, task, error, final) {
      const outcome = await database.transaction(async (tx) => {
        const row = await lockTask(tx, worker, task)
        if (!row) return { row: null, over: false }
        const ended = final || row.attempts >= MAX_ATTEMPTS
        // Whose disk has it may be away only for a moment: what another says of his own ring is not the last word.
        if (ended && (row.worker === null || row.worker === worker))
          return { row, over: await settleFailed(tx, row, error) }
        await tx.query(
          `update picture_requests set error = $2, claimed_by = null, claimed_until = null, updated_at = now(),
             tried = case when $3 then array_append(tried, $4) else tried end,
             attempts = case when $3 then 0 else attempts end
           where id = $1`,
          [row.id, error, ended, worker],
        )
        return { row, over: false }
      })
      if (!outcome.row) metrics.count('pictures_ignored_total')
      else if (outcome.over) countFailed(outcome.row)
    },
    async unneeded(_worker, pins) {
      const { rows } = await database.query<{ pin: string }>(
        `select e.event_id::text as pin from event_state e
         where e.event_id = any($1::uuid[])
           and not exists (select 1 from picture_requests r where r.pin_id = e.event_id::text and r.state = 'waiting')
         union all
         select r.pin_id from picture_requests r
         where r.recording is not null and r.id = any($1::uuid[]) and r.state <> 'waiting'
           and not (r.state = 'failed' and ${RECORDING_HELD})`,
        [pins.filter((pin) => UUID.test(pin))],
      )
      return rows.map((row) => row.pin)
    },
  }
}

function whyInVain({ attempts, worker }: RequestRow): string {
  if (attempts >= MAX_ATTEMPTS) return pictureFaults.write('never_answered', { times: attempts })
  return worker === null ? pictureFaults.write('nobody') : pictureFaults.write('worker_away', { worker })
}

const taskOf = (row: ClaimedRow, camera: CameraConfig): PictureTask => ({
  id: row.id,
  kind: row.kind,
  alertId: row.alert_id,
  camera,
  pinId: row.pin_id,
  from: row.from_at.getTime(),
  to: row.to_at.getTime(),
  moment: row.moment.getTime(),
  box: row.box,
  attempt: row.attempts,
})

/** Lock order: alert → request. Null: it is settled, or another's. */
async function lockTask(tx: Queryable, worker: string, task: string): Promise<RequestRow | null> {
  await tx.query(
    'select 1 from alerts where id = (select alert_id from picture_requests where id = $1) for update',
    [task],
  )
  const { rows } = await tx.query<RequestRow>(
    `select * from picture_requests where id = $1 and state = 'waiting' and (claimed_by = $2 or worker = $2) for update`,
    [task, worker],
  )
  return rows[0] ?? null
}

/** False: somebody claimed or settled it meanwhile. */
async function settleFailed(tx: Queryable, row: RequestRow, error: string): Promise<boolean> {
  await tx.query('select 1 from alerts where id = $1 for update', [row.alert_id])
  const { rowCount } = await tx.query(
    `update picture_requests set state = 'failed', error = $2, claimed_by = null, claimed_until = null,
       updated_at = now() where id = $1 and state = 'waiting' and claimed_by is not distinct from $3`,
    [row.id, error, row.claimed_by],
  )
  if (rowCount === 0) return false
  await tellPicture(tx, row, 'failed')
  return true
}

async function insertEvidence(
  tx: Queryable,
  { alert_id, recording, camera, kind }: RequestRow,
  worker: string,
  { variant, sha256, bytes, mediaType, capturedAt, meta }: MadePicture,
): Promise<void> {
  const owner = recording === null ? { kind: 'alert', id: alert_id } : await ownerOfRecording(tx, recording)
  await tx.query(
    `insert into evidence (id, owner_kind, owner_id, camera, kind, variant, sha256, bytes, media_type, captured_at, meta, created_by)
     values ($1, $12, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (owner_kind, owner_id, kind, variant, sha256, camera) do nothing`,
    [
      ...[randomUUID(), owner.id, camera, kind, variant, sha256, bytes, mediaType],
      ...[
        new Date(capturedAt),
        JSON.stringify(recording === null ? meta : { ...meta, recording }),
        `worker:${worker}`,
      ],
      owner.kind,
    ],
  )
}

/** The caller holds the alert's lock. `clip` of the alert's own camera is what its row in the list shows. */
async function tellPicture(
  tx: Queryable,
  { alert_id, camera, kind, rank }: RequestRow,
  state: 'ready' | 'failed',
): Promise<void> {
  if (alert_id === null) return // who kept a recording asks for it
  const { rows } = await tx.query<AlertRow>('select * from alerts where id = $1', [alert_id])
  const [alert] = rows
  if (!alert) throw new SharpEyesError('internal', `alert ${alert_id} vanished while its picture was made`)
  const change = alertChange(alert, 'picture')
  const own = rank === 0 && kind === 'clip' ? { clip: state } : {}
  await writeChange(tx, {
    ...change,
    payload: { ...change.payload, ...own, picture: { camera, kind, state } },
  })
}
