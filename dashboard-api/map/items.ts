import type { z } from 'zod'
import type { MapItem, MapItems } from '../../core/api/map.ts'
import type { placeShape } from '../../core/api/shapes.ts'
import type { CaseState } from '../../core/case/words.ts'
import { type Datum, pointIn } from '../../core/datum.ts'
import type { Severity } from '../../core/event.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { OF_DEPARTMENT } from '../alerts/rows.ts'
import { CITY_WIDE_CASES, limitedTo, type PersonActor } from '../auth/people.ts'
import type { CameraReader } from '../cameras/read.ts'
import { CASE_OF_DEPARTMENT } from '../cases/rows.ts'
import type { City, CityReader } from '../city.ts'
import { createConditions, readPage } from '../http/paging.ts'
import { placeOf } from '../http/values.ts'
import type { SensorReader } from '../sensors/sensors.ts'

type Place = z.infer<typeof placeShape>

/** Of alerts and of cases: more points say nothing more, and their number is told. */
const MOST = 2_000

interface AlertPoint {
  readonly id: string
  readonly source_kind: 'camera' | 'sensor'
  readonly source_id: string
  readonly type: string
  readonly severity: Severity
  readonly state: string
  readonly started_at: Date
  readonly place: Place | null
  readonly total: number
}

interface CasePoint {
  readonly no: string
  readonly camera: string | null
  readonly type: string
  readonly severity: Severity
  readonly state: CaseState
  readonly filed_at: Date
  readonly place: Place
  readonly total: number
}

/** What is on the map of a person, by the rights of the lists that it is of. Points are in `datum`. */
export function createMapItemReader(deps: {
  readonly database: Database
  readonly cameras: CameraReader
  readonly sensors: SensorReader
  readonly city: CityReader
}): (actor: PersonActor, datum: Datum) => Promise<MapItems> {
  return async (actor, datum) => {
    const city = await deps.city.read()
    const [cameras, sensors, { page, asOf }] = await Promise.all([
      deps.cameras.list(actor),
      deps.sensors.list(),
      readPage(deps.database, async (tx) => ({
        alerts: await readAlerts(tx, actor),
        cases: await readCases(tx, actor),
      })),
    ])
    const whereIs = (place: Place): Pick<MapItem, 'address' | 'point'> => {
      // What was filed by hand is written in the city's datum.
      const at = pointIn({ datum: city.facts.datum, ...place }, datum)
      return { address: place.address ?? null, point: at && [at.lon, at.lat] }
    }
    const items: MapItem[] = [
      ...page.alerts.map((row) => alertItem(row, city, whereIs)),
      ...page.cases.map(
        ({ no, camera, type, severity, state, filed_at, place }): MapItem => ({
          ...{ kind: 'case', id: no, type, severity, state, bad: true, at: filed_at.toISOString() },
          name: camera === null ? null : (city.camera(camera)?.name ?? { zh: camera, en: camera }),
          // A case that was filed without a point is where its camera is.
          ...whereIs({ ...placeOf(camera === null ? null : city.camera(camera), city), ...place }),
        }),
      ),
      ...cameras.items.map(
        ({ id, name, state, place }): MapItem => ({
          ...{ kind: 'camera', id, name, type: null, severity: null, state, at: null },
          bad: state !== 'online',
          ...whereIs(place),
        }),
      ),
      ...sensors.items.map(
        ({ id, name, state, place }): MapItem => ({
          ...{ kind: 'sensor', id, name, type: null, severity: null, state, at: null },
          bad: state !== 'ok',
          ...whereIs(place),
        }),
      ),
    ]
    const total = { alerts: page.alerts[0]?.total ?? 0, cases: page.cases[0]?.total ?? 0 }
    return { datum, items, total, asOf }
  }
}

function alertItem(
  row: AlertPoint,
  city: City,
  whereIs: (place: Place) => Pick<MapItem, 'address' | 'point'>,
): MapItem {
  const { id, type, severity, state, started_at, source_kind, source_id, place } = row
  const source = source_kind === 'camera' ? city.camera(source_id) : city.sensor(source_id)
  return {
    ...{ kind: 'alert', id, type, severity, state, bad: true, at: started_at.toISOString() },
    name: source?.name ?? { zh: source_id, en: source_id },
    ...whereIs(place ?? placeOf(source, city)),
  }
}

/** Open ones that nobody has rejected. */
async function readAlerts(tx: Queryable, actor: PersonActor): Promise<readonly AlertPoint[]> {
  const where = createConditions()
  where.addAll(`a.state <> 'resolved' and a.verdict is distinct from 'rejected'`, [])
  const department = limitedTo(actor)
  if (department !== null) where.add(OF_DEPARTMENT, department)
  const { rows } = await tx.query<AlertPoint>(
    `select a.id, a.source_kind, a.source_id, a.type, a.severity, a.state, a.started_at, a.place,
            count(*) over ()::int as total
       from alerts a where ${where.sql()} order by a.severity, a.opened_at desc limit ${MOST}`,
    where.params,
  )
  return rows
}

async function readCases(tx: Queryable, actor: PersonActor): Promise<readonly CasePoint[]> {
  const where = createConditions()
  where.addAll(`c.state not in ('closed', 'voided')`, [])
  const department = limitedTo(actor, CITY_WIDE_CASES)
  if (department !== null) where.add(CASE_OF_DEPARTMENT, department)
  const { rows } = await tx.query<CasePoint>(
    `select c.no, c.camera, c.type, c.severity, c.state, c.filed_at, c.place, count(*) over ()::int as total
       from cases c where ${where.sql()} order by c.severity, c.filed_at desc limit ${MOST}`,
    where.params,
  )
  return rows
}
