import type { SensorItem } from '../../core/api/sensors.ts'
import { deviceOf, type SensorConfig } from '../../core/config/sensor.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { SensorFault } from '../../core/sensors/fault.ts'
import type { StoredReading } from '../../core/sensors/marks.ts'
import { inUnit, type Period } from '../../core/sensors/series.ts'
import type { City, CityReader } from '../city.ts'
import { readPage } from '../http/paging.ts'
import { isoOf } from '../http/values.ts'

export interface SensorReader {
  list(): Promise<{ items: SensorItem[]; next: null; asOf: string }>
  detail(id: string): Promise<SensorItem>
  /** The configuration; throws `not_found`. */
  find(id: string): Promise<SensorConfig>
}

type FaultCause = SensorFault['cause']

interface StateRow {
  readonly sensor: string
  readonly device: string
  readonly factor: string
  readonly heard_at: Date | null
  readonly status: 'online' | 'offline' | null
  readonly last: StoredReading | null
  readonly judged: Period | null
}

interface OpenRow {
  readonly sensor: string
  readonly type: 'exceedance' | 'sensor_fault'
  readonly event_id: string
  readonly alert_id: string | null
  readonly since: Date
  readonly state: HazardEvent
}

/** Sensors as configured, with what alerts/ knows of them. */
export function createSensorReader(deps: { database: Database; city: CityReader }): SensorReader {
  const { database } = deps

  const read = async (only: string | null) => {
    const city = await deps.city.read()
    const { page, asOf } = await readPage(database, (tx) => readStates(tx, only))
    const items = [...city.sensors.values()]
      .filter(({ id }) => only === null || id === only)
      .map((sensor) => toItem(sensor, city, page.states.get(sensor.id), page.open.get(sensor.id) ?? []))
    return { items, next: null, asOf }
  }

  return {
    list: () => read(null),
    async detail(id) {
      const [item] = (await read(id)).items
      if (item) return item
      throw noSensor(id)
    },
    async find(id) {
      const sensor = (await deps.city.read()).sensors.get(id)
      if (sensor) return sensor
      throw noSensor(id)
    },
  }
}

const noSensor = (id: string) => new SharpEyesError('not_found', `there is no sensor "${id}"`)

async function readStates(tx: Queryable, only: string | null) {
  const states = await tx.query<StateRow>(
    `select sensor, device, factor, heard_at, status, last, judgement ->> 'period' as judged from sensor_state
      where $1::text is null or sensor = $1`,
    [only],
  )
  const open = await tx.query<OpenRow>(
    `select p.sensor, p.type, p.event_id, e.alert_id, p.since, p.state
       from sensor_episodes p left join event_state e using (event_id)
      where p.ended_at is null and ($1::text is null or p.sensor = $1)`,
    [only],
  )
  return {
    states: new Map(states.rows.map((row) => [row.sensor, row])),
    open: Map.groupBy(open.rows, ({ sensor }) => sensor),
  }
}

function toItem(
  sensor: SensorConfig,
  city: City,
  row: StateRow | undefined,
  open: readonly OpenRow[],
): SensorItem {
  const { id, limit } = sensor
  // Until the first look after a change of the city file the row may be of another device.
  const state = row?.device === deviceOf(sensor) && row.factor === sensor.factor ? row : undefined
  const exceeding = open.find(({ type }) => type === 'exceedance')
  const faulty = open.find(({ type }) => type === 'sensor_fault')
  const cause = faulty && causeOf(faulty.state)
  const last = state?.last
  return {
    id,
    name: sensor.name ?? { zh: id, en: id },
    source: sensor.source,
    device: deviceOf(sensor),
    factor: sensor.factor,
    unit: sensor.unit,
    purpose: sensor.purpose,
    place: { ...sensor.place, datum: city.facts.datum },
    every: sensor.every ?? null,
    limit: limit
      ? { above: limit.above ?? null, below: limit.below ?? null, for: limit.for, clear: limit.clear ?? null }
      : null,
    state: stateOf(Boolean(state?.heard_at), cause, exceeding !== undefined),
    exceeding: exceeding ? toOpen(exceeding) : null,
    fault: faulty && cause ? { ...toOpen(faulty), cause } : null,
    judged: state?.judged ?? null,
    last: last
      ? {
          at: new Date(last.at).toISOString(),
          value: last.value === null ? null : inUnit(sensor, last.value),
          flag: last.flag,
          period: last.period,
        }
      : null,
    heardAt: isoOf(state?.heard_at ?? null),
    status: state?.status ?? null,
  }
}

/** A sensor that cannot be believed says nothing of its limit: what is wrong with it comes first. */
function stateOf(heard: boolean, fault: FaultCause | undefined, exceeding: boolean): SensorItem['state'] {
  if (!heard) return 'never'
  if (fault !== undefined) return fault === 'unusable' ? 'fault' : 'silent'
  return exceeding ? 'exceeding' : 'ok'
}

const toOpen = ({ event_id, alert_id, since }: OpenRow) => ({
  eventId: event_id,
  alertId: alert_id,
  since: since.toISOString(),
})

/** An event names its cause by what it measured. */
const causeOf = ({ measured }: HazardEvent): FaultCause =>
  'offlineMs' in measured ? 'offline' : 'unusableMs' in measured ? 'unusable' : 'silence'
