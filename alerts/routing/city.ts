import type { CameraConfig, DepartmentConfig, RouteConfig } from '../../core/config/city.ts'
import type { Label } from '../../core/config/shared.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports.ts'
import type { StoredRoute } from '../../core/route.ts'

/** What routing reads of the configuration, inside the transaction that uses it. Removed objects do not count. */
export async function readRoutes(tx: Queryable): Promise<readonly StoredRoute[]> {
  const objects = await read<RouteConfig>(tx, 'route')
  return objects.map(({ id, body }) => ({ id, route: body }))
}

export async function readDepartments(tx: Queryable): Promise<ReadonlyMap<string, DepartmentConfig>> {
  const objects = await read<DepartmentConfig>(tx, 'department')
  return new Map(objects.map(({ id, body }) => [id, body]))
}

export async function readCamera(tx: Queryable, id: string): Promise<CameraConfig | null> {
  const { rows } = await tx.query<{ body: CameraConfig }>(
    "select body from config_objects where kind = 'camera' and id = $1 and removed_at is null",
    [id],
  )
  return rows[0]?.body ?? null
}

/** Also of a camera that was removed: old alerts and cases still name it. */
export async function readCameraName(tx: Queryable, id: string): Promise<Label | null> {
  const { rows } = await tx.query<{ name: Label }>(
    "select body -> 'name' as name from config_objects where kind = 'camera' and id = $1",
    [id],
  )
  return rows[0]?.name ?? null
}

/** As `readCameraName`; a sensor without a name is called by its id. */
export async function readSensorName(tx: Queryable, id: string): Promise<Label> {
  const { rows } = await tx.query<{ name: Label | null }>(
    "select body -> 'name' as name from config_objects where kind = 'sensor' and id = $1",
    [id],
  )
  return rows[0]?.name ?? { zh: id, en: id }
}

/** The sensor whose alert this is; null: a camera's, or none. */
export async function readSensorOf(
  tx: Queryable,
  alertId: string,
): Promise<{ readonly id: string; readonly name: Label } | null> {
  const { rows } = await tx.query<{ source_id: string }>(
    "select source_id from alerts where id = $1 and source_kind = 'sensor'",
    [alertId],
  )
  const id = rows[0]?.source_id
  return id === undefined ? null : { id, name: await readSensorName(tx, id) }
}

export interface CityFacts {
  readonly timezone: string
  readonly datum: string
  /** Absent in cities that were applied by older versions. */
  readonly hours?: readonly string[]
}

export async function readCity(tx: Queryable): Promise<CityFacts> {
  const [city] = await read<CityFacts>(tx, 'city')
  if (!city)
    throw new SharpEyesError('not_ready', 'no city file is applied yet: run `sharp-eyes apply -f city.yaml`')
  return city.body
}

async function read<T>(tx: Queryable, kind: string): Promise<readonly { id: string; body: T }[]> {
  const { rows } = await tx.query<{ id: string; body: T }>(
    'select id, body from config_objects where kind = $1 and removed_at is null order by position, managed_by, id',
    [kind],
  )
  return rows
}
