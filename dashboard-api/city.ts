import type { CameraConfig, CityConfig, DepartmentConfig, RouteConfig } from '../core/config/city.ts'
import type { SensorConfig } from '../core/config/sensor.ts'
import { SharpEyesError } from '../core/errors.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Database } from '../core/ports/database.ts'
import type { StoredRoute } from '../core/route.ts'

/** The configuration as lists and pages need it. Removed objects are kept: old alerts and cases still name them. */
export interface City {
  readonly facts: CityConfig['city']
  /** In use, in the order of the city file. */
  readonly cameras: ReadonlyMap<string, CameraConfig>
  readonly sensors: ReadonlyMap<string, SensorConfig>
  readonly departments: ReadonlyMap<string, DepartmentConfig>
  readonly routes: readonly StoredRoute[]
  /** Also removed ones. */
  camera(id: string): CameraConfig | null
  sensor(id: string): SensorConfig | null
  departmentName(id: string): { zh: string; en: string }
  /** Whether this program can send by one of the department's channels. */
  isReachable(id: string): boolean
  canSendBy(kind: string): boolean
}

export interface CityReader {
  /** At most two seconds old. Throws `not_ready` until a city file is applied. */
  read(): Promise<City>
  /** The next reading is a new one: somebody changed it here and looks at it now. */
  forget(): void
}

const MAX_AGE_MS = 2_000

/** One reading serves all requests of two seconds: a city has thousands of cameras and every list needs their names. */
export function createCityReader(deps: {
  database: Database
  clock: Clock
  /** Kinds of channels that this program can send by. */
  channelKinds: readonly string[]
}): CityReader {
  const { database, clock, channelKinds } = deps
  let kept: { at: number; city: Promise<City> } | null = null
  return {
    read() {
      const now = clock.now()
      if (kept && now - kept.at < MAX_AGE_MS && now >= kept.at) return kept.city
      const reading = { at: now, city: readCity(database, channelKinds) }
      kept = reading
      // A failed reading is not kept; its caller has the error.
      reading.city.catch(() => {
        if (kept === reading) kept = null
      })
      return reading.city
    },
    forget() {
      kept = null
    },
  }
}

async function readCity(database: Database, channelKinds: readonly string[]): Promise<City> {
  // Bodies are what the parser of core/config gave, defaults and milliseconds included; they are not parsed again.
  const { rows } = await database.query<{ kind: string; id: string; body: unknown; removed: boolean }>(
    `select kind, id, body, removed_at is not null as removed from config_objects
     where kind in ('city', 'department', 'camera', 'route', 'sensor') order by position, managed_by, id`,
  )
  const present = <T>(kind: string) =>
    rows.filter((row) => row.kind === kind && !row.removed).map((row) => [row.id, row.body as T] as const)
  const all = <T>(kind: string) =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.id, row.body as T]))
  const facts = present<CityConfig['city']>('city')[0]?.[1]
  if (!facts) throw new SharpEyesError('not_ready', 'no city file is applied yet')
  const allCameras = all<CameraConfig>('camera')
  const allSensors = all<SensorConfig>('sensor')
  const allDepartments = all<DepartmentConfig>('department')
  const departments = new Map(present<DepartmentConfig>('department'))
  return {
    facts,
    cameras: new Map(present<CameraConfig>('camera')),
    sensors: new Map(present<SensorConfig>('sensor')),
    departments,
    routes: present<RouteConfig>('route').map(([id, route]) => ({ id, route })),
    camera: (id) => allCameras.get(id) ?? null,
    sensor: (id) => allSensors.get(id) ?? null,
    departmentName: (id) => allDepartments.get(id)?.name ?? { zh: id, en: id },
    isReachable: (id) =>
      departments.get(id)?.channels.some(({ kind }) => channelKinds.includes(kind)) ?? false,
    canSendBy: (kind) => channelKinds.includes(kind),
  }
}
