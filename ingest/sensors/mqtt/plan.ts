import type { MqttSensor, SensorConfig } from '../../../core/config/sensor.ts'
import { faultOfFilter, isWildcard, matches, withoutCovered } from './filters.ts'

/** What to subscribe to, and whose a topic is. */
export interface Plan {
  readonly sensors: readonly MqttSensor[]
  /** Filters as they are subscribed, with `$share/…` where it applies. */
  readonly filters: ReadonlySet<string>
  /** Sensor → why its topic cannot be subscribed to. */
  readonly faults: ReadonlyMap<string, string>
  /** The filters that bring a sensor its readings and its status. */
  filtersOf(sensor: MqttSensor): readonly string[]
  of(topic: string): Owners
}

/** Sensors that a topic concerns. A topic that brings a status brings nobody a reading. */
export interface Owners {
  readonly readings: readonly MqttSensor[]
  readonly status: readonly MqttSensor[]
  /** Factors of `readings`. */
  readonly factors: ReadonlySet<string>
}

const MAX_REMEMBERED = 20_000

export function planOf(configured: readonly SensorConfig[], share: string | null): Plan {
  const faults = new Map<string, string>()
  const sensors = configured.filter((sensor): sensor is MqttSensor => sensor.source === 'mqtt')
  const usable = sensors.filter((sensor) => {
    const fault =
      faultOf('topic', sensor.topic) ??
      (sensor.statusTopic === undefined ? null : faultOf('statusTopic', sensor.statusTopic))
    if (fault) faults.set(sensor.id, fault)
    return !fault
  })
  const readings = index(usable, (sensor) => sensor.topic)
  const status = index(usable, (sensor) => sensor.statusTopic)
  const shared = (filter: string) => (share === null ? filter : `$share/${share}/${filter}`)
  // A status is never shared: a shared subscription brings no retained message, and each worker may know who is there.
  const filters =
    share === null
      ? withoutCovered([...readings.keys, ...status.keys])
      : new Set([...[...withoutCovered(readings.keys)].map(shared), ...withoutCovered(status.keys)])
  const known = new Map<string, Owners>()

  function find(topic: string): Owners {
    const announcing = status.find(topic)
    const measuring = announcing.length > 0 ? [] : readings.find(topic)
    return {
      readings: measuring,
      status: announcing,
      factors: new Set(measuring.map((sensor) => sensor.factor)),
    }
  }

  return {
    sensors,
    filters,
    faults,
    filtersOf: ({ topic, statusTopic }) => [
      shared(topic),
      ...(statusTopic === undefined ? [] : [statusTopic]),
    ],
    of(topic) {
      const before = known.get(topic)
      if (before) return before
      if (known.size >= MAX_REMEMBERED) known.clear()
      const owners = find(topic)
      known.set(topic, owners)
      return owners
    },
  }
}

const faultOf = (key: string, filter: string): string | null => {
  const fault = faultOfFilter(filter)
  return fault && `${key} ${JSON.stringify(filter.slice(0, 80))} cannot be subscribed to: ${fault}`
}

/** Sensors by topic: exact ones in a map, those with wildcards one after the other. */
function index(sensors: readonly MqttSensor[], filterOf: (sensor: MqttSensor) => string | undefined) {
  const groups = new Map<string, MqttSensor[]>()
  for (const sensor of sensors) {
    const filter = filterOf(sensor)
    if (filter === undefined) continue
    const group = groups.get(filter)
    if (group) group.push(sensor)
    else groups.set(filter, [sensor])
  }
  const wild = [...groups].filter(([filter]) => isWildcard(filter))
  return {
    keys: [...groups.keys()],
    find: (topic: string): readonly MqttSensor[] => [
      ...(groups.get(topic) ?? []),
      ...wild.flatMap(([filter, group]) => (matches(filter, topic) ? group : [])),
    ],
  }
}
