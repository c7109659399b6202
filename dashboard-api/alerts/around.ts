import type { Around } from '../../core/api/around.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { metresBetween } from '../../core/sensors/near.ts'
import { limitedTo, type PersonActor } from '../auth/people.ts'
import type { CameraReader } from '../cameras/read.ts'
import type { CityReader } from '../city.ts'
import { createConditions } from '../http/paging.ts'
import { placeOf } from '../http/values.ts'
import type { SensorReader } from '../sensors/sensors.ts'
import type { AlertReader } from './read.ts'
import { type AlertRow, OF_DEPARTMENT, SELECT_ALERTS, toAlertItem } from './rows.ts'

const DAY_MS = 86_400_000
const MOST_STATES = 500
const MOST_SAME = 20
const MOST_NEAR = 8
const CAMERA_M = 500
const SENSOR_M = 2_000

interface StateRow {
  readonly at: Date
  readonly kind: 'start' | 'update' | 'end'
  readonly state: HazardEvent
}

/** What stands around an alert; by the rights of the alert, and of each thing that is named. */
export function createAroundReader(deps: {
  database: Database
  alerts: AlertReader
  cameras: CameraReader
  sensors: SensorReader
  city: CityReader
  clock: Clock
}): (id: string, actor: PersonActor) => Promise<Around> {
  const { database, alerts, cameras, sensors } = deps

  const statesOf = async ({ source_id, started_at, last_seen_at, cause }: AlertRow) => {
    const { rows } = await database.query<StateRow>(
      `select at, kind, state from events
        where source_id = $1 and event_id = $2 and at between $3 and $4 order by at desc, epoch desc, seq desc limit $5`,
      [source_id, cause.id, before(started_at), after(last_seen_at), MOST_STATES],
    )
    return rows.toReversed().map(({ at, kind, state }) => ({
      at: at.toISOString(),
      kind,
      score: state.score,
      box: state.box,
      detections: state.detections,
    }))
  }
  const samePlace = async (row: AlertRow, actor: PersonActor) => {
    const city = await deps.city.read()
    const where = createConditions()
    where.add('a.source_id = $?', row.source_id)
    where.add('a.source_kind = $?', row.source_kind)
    where.add('a.id <> $?', row.id)
    where.add('a.opened_at > $?', before(row.started_at))
    where.add('a.opened_at < $?', after(row.started_at))
    const department = limitedTo(actor)
    if (department !== null) where.add(OF_DEPARTMENT, department)
    const { rows } = await database.query<AlertRow>(
      `${SELECT_ALERTS} where ${where.sql()} order by a.opened_at desc limit ${MOST_SAME}`,
      where.params,
    )
    return rows.map((same) => toAlertItem(same, city))
  }
  const clipFrom = async ({ id, source_id }: AlertRow): Promise<string | null> => {
    const { rows } = await database.query<{ captured_at: Date | null }>(
      `select captured_at from evidence where owner_kind = 'alert' and owner_id = $1 and kind = 'clip'
          and variant = 'masked' and camera = $2 and tombstoned_at is null order by created_at desc limit 1`,
      [id, source_id],
    )
    return rows[0]?.captured_at?.toISOString() ?? null
  }
  const near = async (row: AlertRow, actor: PersonActor): Promise<Pick<Around, 'cameras' | 'sensors'>> => {
    const city = await deps.city.read()
    const source = row.source_kind === 'camera' ? city.camera(row.source_id) : city.sensor(row.source_id)
    const place = row.place ?? placeOf(source, city)
    const within = <T extends { readonly id: string; readonly place: typeof place }>(
      list: readonly T[],
      most: number,
    ) =>
      list
        .filter(({ id }) => id !== row.source_id)
        .map((one) => ({ one, metres: metresBetween(place, one.place) }))
        .filter((each): each is { one: T; metres: number } => each.metres !== null && each.metres <= most)
        .toSorted((a, b) => a.metres - b.metres)
        .slice(0, MOST_NEAR)
    const [seen, measured] = await Promise.all([cameras.list(actor), sensors.list()])
    return {
      cameras: within(seen.items, CAMERA_M).map(({ one: { id, name, state }, metres }) => ({
        ...{ id, name, metres, state },
      })),
      sensors: within(measured.items, SENSOR_M).map(({ one, metres }) => ({ metres, sensor: one })),
    }
  }

  return async (id, actor) => {
    const row = await alerts.find(database, id, actor)
    const [states, same, from, around] = await Promise.all([
      statesOf(row),
      samePlace(row, actor),
      clipFrom(row),
      near(row, actor),
    ])
    return {
      states,
      threshold: row.cause.thresholds.score ?? null,
      clipFrom: from,
      samePlace: same,
      ...around,
    }
  }
}

/** Partitions of the days that matter, and no others. */
const before = (at: Date): Date => new Date(at.getTime() - DAY_MS)
const after = (at: Date): Date => new Date(at.getTime() + DAY_MS)
