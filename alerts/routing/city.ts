import type { CameraConfig, DepartmentConfig, RouteConfig } from '../../core/config/city.ts'
import type { Label } from '../../core/config/shared.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { StoredRoute } from '../../core/route.ts'
import { factorName } from '../../core/sensors/factors.ts'
import type { MessageSensor } from '../delivery/message.ts'

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

interface SensorRow {
  readonly source_id: string
  readonly name: Label | null
  readonly factor: string | null
  readonly unit: string | null
  readonly cause: Partial<Pick<HazardEvent, 'type' | 'measured' | 'thresholds'>>
}

/**
 * The sensor whose alert this is, and of an exceedance what it measured against which limit, all in `unit`; null: a
 * camera's, or none. A sensor without a name is called by its id; also of one that was removed.
 */
export async function readSensorOf(tx: Queryable, alertId: string): Promise<MessageSensor | null> {
  const { rows } = await tx.query<SensorRow>(
    `select a.source_id, a.cause, c.body -> 'name' as name, c.body ->> 'factor' as factor, c.body ->> 'unit' as unit
       from alerts a left join config_objects c on c.kind = 'sensor' and c.id = a.source_id
      where a.id = $1 and a.source_kind = 'sensor'`,
    [alertId],
  )
  const [row] = rows
  if (!row) return null
  const { source_id: id, name } = row
  return { id, name: name ?? { zh: id, en: id }, measured: measuredOf(row) }
}

function measuredOf({ cause, factor, unit }: SensorRow): MessageSensor['measured'] {
  const { value, peak } = cause.measured ?? {}
  if (cause.type !== 'exceedance' || value === undefined || factor === null) return null
  const { above, below } = cause.thresholds ?? {}
  return {
    factor,
    factorName: factorName(factor),
    value,
    ...(peak !== undefined && { peak }),
    limit: { ...(above !== undefined && { above }), ...(below !== undefined && { below }) },
    unit: unit ?? '',
  }
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
