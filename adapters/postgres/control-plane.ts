import type { CameraConfig } from '../../core/config/city.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import type { HazardEvent } from '../../core/event.ts'
import type {
  CameraStatus,
  ControlPlane,
  HeldCamera,
  Holding,
  WorkerFacts,
} from '../../core/ports/control.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { DurationMs } from '../../core/units.ts'
import { sayingWhenAway } from '../control/database-away.ts'
import { planMove, type Sharer } from '../control/fair-share.ts'
import { storableJson } from '../control/storable.ts'
import { readConfig } from './config-store.ts'
import { type Lease, writeCoverage } from './coverage.ts'
import { handOn } from './hand-on.ts'
import { HANDING_OVER, LEASE, OFFER } from './lease-times.ts'

/** Nobody was heard of for so long, and each calls every 5 s: the database was away. */
const SILENCE = "interval '10 seconds'"

/**
 * For so long a camera that went on counts against making room for who did not reach it. A fault that has long passed (no
 * power at the cameras) must not leave that worker idle until it is started anew.
 */
const UNREACHED = "interval '24 hours'"

/** What a worker says of itself, and how far its clock is ahead of ours where somebody measured it. */
export interface SeenWorker extends WorkerFacts {
  readonly clockSkewMs?: number | null
}

export interface DatabaseControlPlane extends ControlPlane {
  hold(worker: SeenWorker, capacity: number, status: readonly CameraStatus[]): Promise<Holding>
}

/**
 * Cameras, leases and their configuration out of the database; `hold` is called every 5 s. Throws
 * `database_unavailable` when the database is away.
 *
 * `settleMs`: for so long after it came, a worker takes only what it held before, so that of several that start at once
 * the first does not take everything. 0 for a worker that is alone.
 */
export function createControlPlane(
  database: Database,
  { settleMs = 0 }: { readonly settleMs?: DurationMs } = {},
): DatabaseControlPlane {
  return {
    hold: (worker, capacity, status) =>
      sayingWhenAway(async () => {
        await noteThatSomebodyIsThere(database)
        return database.transaction((tx) => hold(tx, worker, capacity, status, settleMs))
      }),
    release: (worker, cameras) =>
      sayingWhenAway(() => database.transaction((tx) => release(tx, worker, cameras))),
    openEvents: (camera) =>
      sayingWhenAway(async () => {
        const { rows } = await database.query<{ state: HazardEvent }>(
          `select state from event_state where source_id = $1 and not ended order by event_id`,
          [camera],
        )
        return rows.map((row) => row.state)
      }),
  }
}

/** More than any camera changes hands between a backup and its restore. */
const EPOCHS_AFTER_RESTORE = 1_000_000

/**
 * To be called once after a database was restored from a copy: since then cameras went on under later epochs, which the
 * copy does not know. Given again, they would belong to other holdings: workers refuse to go on with their open events,
 * and nobody could end these.
 */
export async function renewEpochs(database: Queryable): Promise<void> {
  await database.query('update camera_leases set epoch = epoch + $1', [EPOCHS_AFTER_RESTORE])
}

/** Its own statement, so that no call waits for the rest of another. */
async function noteThatSomebodyIsThere(database: Queryable): Promise<void> {
  await database.query(
    `update control_state set seen_at = clock_timestamp(),
            returned_at = case when seen_at < clock_timestamp() - ${SILENCE} then clock_timestamp() else returned_at end
     where seen_at < clock_timestamp() - interval '2 seconds'`,
  )
}

/** One call: its worker, and the moment that all of it is true of, by the database's clock, as text (microseconds). */
interface Call {
  readonly tx: Queryable
  readonly worker: string
  readonly at: string
}

async function hold(
  tx: Queryable,
  worker: SeenWorker,
  capacity: number,
  status: readonly CameraStatus[],
  settleMs: DurationMs,
): Promise<Holding> {
  // The row is locked from here on: two calls of one worker come one after the other.
  const { at, settling } = await seeWorker(tx, worker, capacity, settleMs)
  const call: Call = { tx, worker: worker.name, at }
  const renewed = await renew(call)
  const ours = new Set(renewed.map(({ camera }) => camera))
  const told = status.filter(({ camera }) => ours.has(camera))
  await storeStatus(call, told)
  await writeCoverage(tx, { worker: worker.name, model: worker.model, at }, renewed, told)
  const others = await look(call)
  const handed = others.length > 0 ? await handOn(tx, call, told) : 0
  const kept = renewed.length - handed
  const taken = await takeOffered(call, Math.max(0, capacity - kept))
  const cameras = kept + taken.length
  const claimed = [...taken, ...(await shareOut(call, { capacity, cameras }, others, settling))]
  await writeCoverage(tx, { worker: worker.name, model: worker.model, at }, claimed, [])
  await countCameras(call)
  const [city] = await readConfig<Holding['city']>(tx, 'city')
  const sensors = await readConfig<SensorConfig>(tx, 'sensor')
  return {
    city: { timezone: city?.body.timezone ?? 'Asia/Shanghai' },
    sensors: sensors.map(({ body }) => body),
    cameras: await held(call),
    left: await left(call),
    strays: await strays(call),
  }
}

async function seeWorker(
  tx: Queryable,
  { name, version, model, endpoint, clockSkewMs }: SeenWorker,
  capacity: number,
  settleMs: DurationMs,
): Promise<{ at: string; settling: boolean }> {
  const { rows } = await tx.query<{ at: string; settling: boolean }>(
    `insert into workers as w (name, version, model, endpoint_url, endpoint_secret, capacity, clock_skew_ms, first_seen, started_at, last_seen)
     select $1, $2, $3, $4, $5, $6, $7, at, at, at from (select clock_timestamp() as at) c
     on conflict (name) do update set version = excluded.version, model = excluded.model,
       endpoint_url = excluded.endpoint_url, endpoint_secret = excluded.endpoint_secret, capacity = excluded.capacity,
       clock_skew_ms = excluded.clock_skew_ms, last_seen = greatest(w.last_seen, clock_timestamp()),
       started_at = case when w.started_at is null or w.last_seen < excluded.last_seen - ${LEASE} then excluded.last_seen else w.started_at end
     returning last_seen::text as at, last_seen - started_at < make_interval(secs => $8) as settling`,
    [
      ...[
        name,
        version,
        model,
        endpoint?.url ?? null,
        endpoint?.secret ?? null,
        capacity,
        clockSkewMs ?? null,
      ],
      settleMs / 1_000,
    ],
  )
  const [row] = rows
  if (!row) throw new Error(`worker ${name} was stored and did not come back`)
  return row
}

async function renew({ tx, worker, at }: Call): Promise<readonly Lease[]> {
  // A camera that is no longer configured is not renewed. A lease that ran out and is still named ours is: the database
  // was away, and nobody else took it.
  const { rows } = await tx.query<{ camera: string; epoch: string }>(
    `update camera_leases l set until = $2::timestamptz + ${LEASE}
     where worker = $1 and exists
       (select 1 from config_objects c where c.kind = 'camera' and c.id = l.camera and c.removed_at is null)
     returning camera, epoch`,
    [worker, at],
  )
  return rows
}

async function storeStatus({ tx, worker, at }: Call, told: readonly CameraStatus[]): Promise<void> {
  if (told.length === 0) return
  await tx.query(
    `insert into camera_status (camera, worker, status, updated_at)
     select s ->> 'camera', $1, s, $3::timestamptz from jsonb_array_elements($2::jsonb) s
     on conflict (camera) do update set worker = excluded.worker, status = excluded.status, updated_at = excluded.updated_at`,
    [worker, storableJson(told), at],
  )
}

/** Takes free cameras, or gives some of its own to those who lack them. Answers what was taken. */
async function shareOut(
  call: Call,
  me: Pick<Sharer, 'capacity' | 'cameras'>,
  others: readonly Sharer[],
  settling: boolean,
): Promise<readonly Lease[]> {
  const { rows } = await call.tx.query<{ cameras: number }>(
    "select count(*)::int as cameras from config_objects where kind = 'camera' and removed_at is null",
  )
  const { take, give } = planMove(rows[0]?.cameras ?? 0, me, others)
  if (give > 0) await giveBack(call, give)
  return take > 0 ? claim(call, take, settling) : []
}

/** The other workers that are heard of. What is on its way from one to the next counts as unreached too. */
async function look({ tx, worker, at }: Call): Promise<readonly Sharer[]> {
  const { rows } = await tx.query<Sharer>(
    `with gone as (
       select name, count(*)::int as cameras from camera_leases l
       join config_objects c on c.kind = 'camera' and c.id = l.camera and c.removed_at is null, unnest(l.not_reached) as name
       where l.not_reached <> '{}' and l.worker <> name and l.handed_at > $2::timestamptz - ${UNREACHED}
       group by name
     )
     select w.capacity, w.cameras, w.started_at < $2::timestamptz - ${LEASE} as stable, coalesce(g.cameras, 0) as unreached
     from workers w left join gone g on g.name = w.name
     where w.name <> $1 and w.started_at is not null and w.last_seen > $2::timestamptz - ${LEASE}`,
    [worker, at],
  )
  return rows
}

/** What another worker heard nothing of and has let go by now, as many as there is room for; the rest is soon anybody's. */
async function takeOffered({ tx, worker, at }: Call, room: number): Promise<readonly Lease[]> {
  const { rows } = await tx.query<{ camera: string; epoch: string }>(
    `with offered as (
       select l.camera from camera_leases l
       join config_objects c on c.kind = 'camera' and c.id = l.camera and c.removed_at is null
       where l.offered_to = $1 and l.worker = '' and l.until < $2::timestamptz
       order by l.camera limit $3 for update of l skip locked)
     update camera_leases l
       set worker = $1, former = $1, offered_to = null, epoch = l.epoch + 1, until = $2::timestamptz + ${LEASE}
     from offered where l.camera = offered.camera
     returning l.camera, l.epoch`,
    [worker, at, room],
  )
  return rows
}

async function claim({ tx, worker, at }: Call, take: number, settling: boolean): Promise<readonly Lease[]> {
  await tx.query(
    `insert into camera_leases (camera, worker, epoch, until)
     select c.id, '', 0, to_timestamp(0) from config_objects c
     where c.kind = 'camera' and c.removed_at is null and not exists (select 1 from camera_leases l where l.camera = c.id)
     on conflict (camera) do nothing`,
  )
  // A row that is locked is not waited for: another worker takes it, or a holder that was thought dead renews it. So any
  // number may claim at once, each takes what is left, and none more than its share.
  const { rows } = await tx.query<{ camera: string; epoch: string }>(
    `with free as (
       select l.camera from camera_leases l
       join config_objects c on c.kind = 'camera' and c.id = l.camera and c.removed_at is null
       where l.until < $2::timestamptz and (not $4 or l.former = $1)
         and (l.worker = '' or (select returned_at from control_state) < $2::timestamptz - ${LEASE})
         and (l.offered_to is null or l.until < $2::timestamptz - ${OFFER})
       order by $1 = any(l.not_reached), l.former is distinct from $1, c.position, c.id
       limit $3 for update of l skip locked)
     update camera_leases l
       set worker = $1, former = $1, offered_to = null, not_reached = array_remove(l.not_reached, $1),
           epoch = l.epoch + 1, until = $2::timestamptz + ${LEASE}
     from free where l.camera = free.camera
     returning l.camera, l.epoch`,
    [worker, at, take, settling],
  )
  return rows
}

/**
 * A camera with an open event stays where it is: its tracks and its recording are there. Last goes what somebody did not
 * reach: it may be the one who takes it.
 */
async function giveBack({ tx, worker, at }: Call, give: number): Promise<void> {
  await tx.query(
    `update camera_leases set worker = '', until = $2::timestamptz + ${HANDING_OVER}
     where camera in (
       select l.camera from camera_leases l
       where l.worker = $1 and l.until > $2::timestamptz
         and not exists (select 1 from event_state e where e.source_id = l.camera and not e.ended)
       order by l.not_reached <> '{}', l.camera limit $3)`,
    [worker, at, give],
  )
}

async function countCameras({ tx, worker, at }: Call): Promise<void> {
  await tx.query(
    `update workers set cameras = (select count(*) from camera_leases where worker = $1 and until > $2::timestamptz)
     where name = $1`,
    [worker, at],
  )
}

async function held({ tx, worker }: Call): Promise<HeldCamera[]> {
  // By the clock of now: should this call have taken longer than a lease, another may have them.
  const { rows } = await tx.query<{ body: CameraConfig; version: number; epoch: string; until: Date }>(
    `select c.body, c.version, l.epoch, l.until from camera_leases l
     join config_objects c on c.kind = 'camera' and c.id = l.camera and c.removed_at is null
     where l.worker = $1 and l.until >= clock_timestamp() order by c.position, c.id`,
    [worker],
  )
  return rows.map((row) => ({
    camera: row.body,
    version: row.version,
    epoch: Number(row.epoch),
    until: row.until.getTime(),
  }))
}

/** What the holder has taken over is on its way under its own epoch: that has had time to come. */
async function strays({ tx, worker }: Call): Promise<Holding['strays']> {
  const { rows } = await tx.query<{ camera: string; event: string }>(
    `select s.source_id as camera, s.event_id as event from event_state s join camera_leases l on l.camera = s.source_id
     where l.worker = $1 and not s.ended and s.epoch < l.epoch and s.last_message_at < now() - interval '15 seconds'
     order by s.event_id limit 1000`,
    [worker],
  )
  return rows
}

async function left({ tx, worker }: Call): Promise<string[]> {
  const { rows } = await tx.query<{ camera: string }>(
    `select camera from camera_leases l where worker = $1 and not exists
       (select 1 from config_objects c where c.kind = 'camera' and c.id = l.camera and c.removed_at is null)`,
    [worker],
  )
  return rows.map((row) => row.camera)
}

async function release(tx: Queryable, worker: string, cameras: readonly string[] | 'all'): Promise<void> {
  const all = cameras === 'all'
  // The worker's row first, as in `hold`. Who lets everything go is no longer one of those who share.
  await tx.query(
    'update workers set started_at = case when $2 then null else started_at end where name = $1',
    [worker, all],
  )
  // Started anew it may reach what it did not reach before.
  if (all)
    await tx.query(
      "update camera_leases set not_reached = array_remove(not_reached, $1) where not_reached <> '{}' and $1 = any(not_reached)",
      [worker],
    )
  // The rows stay: epochs of a camera only grow.
  await tx.query(
    `update camera_leases set worker = '', until = clock_timestamp()
     where worker = $1 and ($2::text[] is null or camera = any($2))`,
    [worker, all ? null : cameras],
  )
  await tx.query(
    'update workers set cameras = (select count(*) from camera_leases where worker = $1) where name = $1',
    [worker],
  )
}

/** Workers of a token that was taken back are gone, not silent: nobody waits for them, or shares with them. */
export async function forgetWorkers(database: Queryable, token: string): Promise<void> {
  await database.query(`update workers set started_at = null where split_part(name, '/', 1) = $1`, [token])
}
