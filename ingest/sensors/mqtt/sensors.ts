import type { IPublishPacket } from 'mqtt'
import type { SensorConfig } from '../../../core/config/sensor.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { ReadingSink } from '../../../core/ports/messages.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { ReadingsMessage } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import { type Ack, ANSWERED_LATER, acknowledge, ackOf } from './acknowledge.ts'
import { createBook, type SensorFacts } from './book.ts'
import { type ConnectionFacts, clientIdOf, createConnection } from './connection.ts'
import { readingsOf, statusOf } from './messages.ts'
import { parsePayload } from './payload.ts'
import { type Owners, planOf } from './plan.ts'
import { createReceiver } from './receiver.ts'
import { createRepeats } from './repeats.ts'
import { type MqttSettings, type MqttTuning, TUNING } from './settings.ts'
import { parseStatus } from './status.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface MqttDeps {
  readonly settings: MqttSettings
  /** Name of this worker: its session at the broker is found again by it. */
  readonly worker: string
  readonly sink: ReadingSink
  /** What is configured now; it is looked at again and again. */
  readonly sensors: () => readonly SensorConfig[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly random?: () => number
  readonly tuning?: Partial<MqttTuning>
}

export interface MqttFacts extends ConnectionFacts {
  readonly clientId: string
  /** Connected, and the broker has answered for every topic. */
  readonly subscribed: boolean
  /** Readings taken since the start. */
  readonly readings: number
  /** Messages that are not acknowledged yet. */
  readonly pending: number
  /** Since when and why nothing can be kept: devices are not answered. Null: all is well. */
  readonly refused: { readonly code: string; readonly since: EpochMs } | null
  /** Sensor → why nothing can come from it. */
  readonly unsubscribed: ReadonlyMap<string, string>
  readonly sensors: readonly SensorFacts[]
}

export interface MqttSensors {
  facts(): MqttFacts
  /** Resolves after the signal, when what had come is stored and the connection is closed. */
  readonly ended: Promise<void>
}

/**
 * Readings of the configured MQTT sensors, from the broker into the sink. A message is acknowledged after the sink has
 * it durably, never before: what is not acknowledged the broker sends again. Payloads that cannot be taken are
 * acknowledged, counted and named in the facts.
 */
export function runMqttSensors(deps: MqttDeps, signal: AbortSignal): MqttSensors {
  const { settings, worker, sink, sensors, clock, log, metrics, random = Math.random } = deps
  const tuning = { ...TUNING, ...deps.tuning }
  const book = createBook({ clock, log, metrics })
  let configured = sensors()
  let plan = planOf(configured, settings.share)

  const receiver = createReceiver<Ack>({
    ...{ sink, tuning, clock, log, metrics, random },
    acknowledge: (acks) => acknowledge(connection.client, acks),
  })
  // A message can be on its way once more in the time between our answer and the break.
  const repeats = createRepeats(4 * tuning.window)
  const strangers = createStrangers((topic) => {
    const { client } = connection
    if (!client.connected) return
    const filters = settings.share === null ? [topic] : [topic, `$share/${settings.share}/${topic}`]
    client.unsubscribe(filters, () => undefined)
  })

  const connection = createConnection({
    ...{ settings, clientId: clientIdOf(worker), tuning, clock, log, metrics, random },
    onSession(present) {
      // With its session the broker sends again what waits here unanswered; without, only we have it.
      if (present) receiver.drop((ack) => ack.stream !== connection.client.stream)
      else repeats.forget()
      subscriptions.connected(present)
    },
    onConnect: () => void subscriptions.sync(plan.filters),
    onPublish(packet, next) {
      if (signal.aborted) return next(ANSWERED_LATER) // not stored, so not answered
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      const at = repeats.arrivalOf(packet, clock.now())
      const messages = take(packet, payload, at)
      const ack = ackOf(connection.client, packet)
      receiver.take({ messages, bytes: payload.length, ack }, () => next(ANSWERED_LATER))
    },
  })
  const subscriptions = createSubscriptions(connection.client, { log, metrics })

  function take(packet: IPublishPacket, payload: Buffer, at: EpochMs): readonly ReadingsMessage[] {
    const owners = plan.of(packet.topic)
    const kind = owners.status.length > 0 ? 'status' : owners.readings.length > 0 ? 'readings' : 'stranger'
    metrics.count('mqtt_messages_total', { kind })
    if (payload.length === 0) return [] // how a retained message is taken back
    switch (kind) {
      case 'status':
        return statuses(owners, payload, at)
      case 'readings':
        return measured(owners, payload, { at, retained: packet.retain })
      case 'stranger':
        strangers.came(packet.topic)
        return []
    }
  }

  function statuses(owners: Owners, payload: Buffer, at: EpochMs): readonly ReadingsMessage[] {
    const status = parseStatus(payload)
    for (const { id } of owners.status) {
      if (status) book.status(id, status)
      else book.rejected(id, 1, { code: 'value', reason: 'a status is "online" or "offline"' }, payload)
    }
    return status ? owners.status.map((sensor) => statusOf(sensor, status, at, worker)) : []
  }

  function measured(
    owners: Owners,
    payload: Buffer,
    arrival: { at: EpochMs; retained: boolean },
  ): readonly ReadingsMessage[] {
    const { values, rejected, first } = parsePayload(payload, owners.factors)
    const nameless = values.some((value) => value.factor === null)
    const ambiguous = nameless && owners.factors.size > 1
    return owners.readings.flatMap((sensor) => {
      if (first) book.rejected(sensor.id, rejected, first, payload)
      if (ambiguous) {
        const factors = [...owners.factors].join(', ')
        const reason = `a value without a factor, and ${owners.factors.size} factors have this topic (${factors}): send {"<factor>": value}`
        book.rejected(sensor.id, 1, { code: 'factor', reason }, payload)
      }
      const own = ambiguous ? values.filter((value) => value.factor !== null) : values
      const { messages, skewed, timeless } = readingsOf(sensor, own, { ...arrival, worker })
      if (skewed > 0) book.skewed(sensor.id, skewed)
      if (timeless > 0) metrics.count('mqtt_retained_ignored_total', {}, timeless)
      book.heard(
        sensor.id,
        messages.reduce((sum, { data }) => sum + data.readings.length, 0),
      )
      return messages
    })
  }

  async function look(): Promise<void> {
    while (!signal.aborted) {
      const now = sensors()
      if (now !== configured && keyOf(now) !== keyOf(configured)) {
        plan = planOf(now, settings.share)
        book.keep(new Set(plan.sensors.map((sensor) => sensor.id)))
      }
      configured = now
      await subscriptions.sync(plan.filters)
      await clock.sleep(tuning.lookMs, signal).catch(() => undefined) // aborted: the loop ends
    }
  }

  async function run(): Promise<void> {
    if (settings.share !== null && settings.version === '3.1.1')
      log.warn(
        { share: settings.share },
        'shared subscriptions belong to MQTT 5: over 3.1.1 a broker that does not know them (aedes) delivers nothing',
      )
    connection.start()
    await Promise.all([receiver.run(signal), look()])
    await connection.stop()
  }

  return {
    ended: run(),
    facts() {
      return {
        ...connection.facts,
        clientId: clientIdOf(worker),
        subscribed: connection.facts.connected && subscriptions.complete(plan.filters),
        readings: book.readings,
        pending: receiver.pending,
        refused: receiver.refused,
        unsubscribed: unsubscribed(),
        sensors: plan.sensors.map((sensor) => book.factsOf(sensor.id)),
      }
    },
  }

  function unsubscribed(): ReadonlyMap<string, string> {
    const found = new Map(plan.faults)
    for (const sensor of plan.sensors)
      for (const filter of plan.filtersOf(sensor)) {
        const problem = subscriptions.problems.get(filter)
        if (problem !== undefined) found.set(sensor.id, problem)
      }
    return found
  }
}

/** All of a configuration that this part depends on: an answer of the control plane is a new list each time. */
const keyOf = (sensors: readonly SensorConfig[]): string =>
  JSON.stringify(
    sensors.map((sensor) =>
      sensor.source === 'mqtt' ? [sensor.id, sensor.topic, sensor.statusTopic, sensor.factor] : [],
    ),
  )

const MAX_STRANGERS = 1_000

/** Topics of nobody: a session outlives the configuration that it was made for. Each is given up once. */
function createStrangers(giveUp: (topic: string) => void) {
  const known = new Set<string>()
  return {
    came(topic: string): void {
      if (known.has(topic)) return
      if (known.size >= MAX_STRANGERS) known.clear()
      known.add(topic)
      giveUp(topic)
    },
  }
}
