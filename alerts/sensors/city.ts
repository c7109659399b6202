import type { CameraConfig } from '../../core/config/city.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { nearCameras } from '../../core/sensors/near.ts'

/** A degree along a meridian is nowhere shorter, metres; what the box below takes too much, the true distance leaves out. */
const DEGREE_M = 110_500

/** Configured cameras near a sensor, the nearest first. */
export async function readNearCameras(tx: Queryable, sensor: SensorConfig): Promise<readonly CameraConfig[]> {
  const { cameras, near, place } = sensor
  const { lon, lat } = place
  if (!cameras && (lon === undefined || lat === undefined)) return []
  const north = near / DEGREE_M
  const east = north / Math.max(0.01, Math.cos(((lat ?? 0) * Math.PI) / 180))
  // A city has thousands of cameras, and hundreds of sensors exceed at once in a dust storm: only those that may be near.
  const { rows } = await tx.query<{ body: CameraConfig }>(
    `select body from config_objects
      where kind = 'camera' and removed_at is null
        and (id = any($1::text[])
          or ($1::text[] is null and (body -> 'place' ->> 'lat')::float8 between $2::float8 - $4 and $2::float8 + $4
              and (body -> 'place' ->> 'lon')::float8 between $3::float8 - $5 and $3::float8 + $5))
      order by position, id`,
    [cameras ?? null, lat ?? null, lon ?? null, north, east],
  )
  return nearCameras(
    sensor,
    rows.map(({ body }) => body),
  )
}
