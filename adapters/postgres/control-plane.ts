import type { CameraConfig } from '../../core/config/city.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import type { HazardEvent } from '../../core/event.ts'
import type {
  CameraStatus,
  ControlPlane,
  Database,
  HeldCamera,
  Holding,
  Queryable,
} from '../../core/ports.ts'
import { readConfig } from './config-store.ts'

/** A lease not renewed for this long is free for another worker (DESIGN section 2). */
const LEASE_SECONDS = 20

/** Any number will do as long as it is always this one. */
const CLAIM_LOCK = 7_382_140_594
/** For 20 s after the database returns only the last holder may renew. */
const SETTLED = `pg_postmaster_start_time() < now() - make_interval(secs => ${LEASE_SECONDS})`

/** Cameras, leases and their configuration out of the database; `hold` is called every 5 s. */
export function createControlPlane(database: Database): ControlPlane {
  return {
    hold: (worker, capacity, status) =>
      database.transaction(async (tx) => {
        const { name } = worker
        await renew(tx, name)
        await claim(tx, name, capacity)
        await storeStatus(tx, name, status)
        const [city] = await readConfig<Holding['city']>(tx, 'city')
        const sensors = await readConfig<SensorConfig>(tx, 'sensor')
        return {
          city: { timezone: city?.body.timezone ?? 'Asia/Shanghai' },
          sensors: sensors.map(({ body }) => body),
          cameras: await held(tx, name),
          left: await left(tx, name),
        }
      }),
    async release(worker, cameras) {
      // The row stays: epochs of a camera only grow.
      await database.query(
        `update camera_leases set worker = '', until = now() - interval '1 second'
         where worker = $1 and ($2::text[] is null or camera = any($2))`,
        [worker, cameras === 'all' ? null : cameras],
      )
    },
    async openEvents(camera) {
      const { rows } = await database.query<{ state: HazardEvent }>(
        `select state from event_state where source_id = $1 and not ended order by event_id`,
        [camera],
      )
      return rows.map((row) => row.state)
    },
  }
}

async function renew(tx: Queryable, worker: string): Promise<void> {
  // A camera that is no longer configured is not renewed. A lease that ran out and is still named ours is: the database
  // was away, and nobody else took it.
  await tx.query(
    `update camera_leases l set until = now() + make_interval(secs => $2)
     where worker = $1 and exists
       (select 1 from config_objects c where c.kind = 'camera' and c.id = l.camera and c.removed_at is null)`,
    [worker, LEASE_SECONDS],
  )
}

async function claim(tx: Queryable, worker: string, capacity: number): Promise<void> {
  // One claim at a time: workers that all reach for the first free camera would leave the others for the next round.
  await tx.query('select pg_advisory_xact_lock($1)', [CLAIM_LOCK])
  await tx.query(
    `insert into camera_leases as l (camera, worker, epoch, until)
     select c.id, $1, coalesce(old.epoch, 0) + 1, now() + make_interval(secs => $2)
     from config_objects c left join camera_leases old on old.camera = c.id
     where c.kind = 'camera' and c.removed_at is null and (old.camera is null or (old.until < now() and (old.worker = '' or ${SETTLED})))
     order by c.position, c.id
     limit greatest(0, $3 - (select count(*) from camera_leases where worker = $1 and until >= now()))
     on conflict (camera) do update set worker = excluded.worker, epoch = l.epoch + 1, until = excluded.until
       where l.until < now() and (l.worker = '' or ${SETTLED})`,
    [worker, LEASE_SECONDS, capacity],
  )
}

async function storeStatus(tx: Queryable, worker: string, status: readonly CameraStatus[]): Promise<void> {
  if (status.length === 0) return
  await tx.query(
    `insert into camera_status (camera, worker, status, updated_at)
     select s ->> 'camera', $1, s, now() from jsonb_array_elements($2::jsonb) s
     where exists (select 1 from camera_leases l where l.camera = s ->> 'camera' and l.worker = $1)
     on conflict (camera) do update set worker = excluded.worker, status = excluded.status, updated_at = excluded.updated_at`,
    [worker, JSON.stringify(status)],
  )
}

async function held(tx: Queryable, worker: string): Promise<HeldCamera[]> {
  const { rows } = await tx.query<{ body: CameraConfig; version: number; epoch: string; until: Date }>(
    `select c.body, c.version, l.epoch, l.until from camera_leases l
     join config_objects c on c.kind = 'camera' and c.id = l.camera and c.removed_at is null
     where l.worker = $1 and l.until >= now() order by c.position, c.id`,
    [worker],
  )
  return rows.map((row) => ({
    camera: row.body,
    version: row.version,
    epoch: Number(row.epoch),
    until: row.until.getTime(),
  }))
}

async function left(tx: Queryable, worker: string): Promise<string[]> {
  const { rows } = await tx.query<{ camera: string }>(
    `select camera from camera_leases l where worker = $1 and not exists
       (select 1 from config_objects c where c.kind = 'camera' and c.id = l.camera and c.removed_at is null)`,
    [worker],
  )
  return rows.map((row) => row.camera)
}
