import { once } from 'node:events'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { type MqttSensor, type SensorConfig, sensorSchema } from '../../../core/config/sensor.ts'
import { SharpEyesError } from '../../../core/errors.ts'
import type { ReadingSink } from '../../../core/ports/messages.ts'
import type { ReadingsMessage } from '../../../core/reading.ts'
import { type MqttDeps, type MqttSensors, runMqttSensors } from '../../../ingest/sensors/mqtt/sensors.ts'
import type { MqttSettings, MqttTuning } from '../../../ingest/sensors/mqtt/settings.ts'
import { runScript, type ScriptRun } from '../../support/child.ts'
import { recordingLog, recordingMetrics } from '../../support/log.ts'
import type { Plan } from '../../support/mqtt-child.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** A sensor as a city file has it; what a test is about is given. */
export function mqttSensor(id: string, changes: Partial<MqttSensor> = {}): MqttSensor {
  const sensor = sensorSchema.parse({
    ...{ id, source: 'mqtt', topic: `sensors/${id}`, factor: 'a34004', unit: 'ug/m3' },
    ...changes,
  })
  if (sensor.source !== 'mqtt') throw new Error('not an MQTT sensor')
  return sensor
}

/** A sink at our own port: keeps what it takes, and can refuse or wait. */
export interface TestSink extends ReadingSink {
  readonly messages: ReadingsMessage[]
  /** `<device> <value>` of every reading, in the order of the appends. */
  values(): string[]
  refuse(code: 'spool_full' | 'disk_full' | null): void
  /** Appends wait from now on; the answer lets them go. */
  hold(): () => void
  /** Calls of append, also refused and waiting ones. */
  readonly calls: number
}

export function testSink(): TestSink {
  const messages: ReadingsMessage[] = []
  let refusal: 'spool_full' | 'disk_full' | null = null
  let gate = Promise.resolve()
  let calls = 0
  return {
    messages,
    get calls() {
      return calls
    },
    values: () => valuesOf(messages),
    refuse(code) {
      refusal = code
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    async append(batch) {
      calls += 1
      await gate
      if (refusal) throw new SharpEyesError(refusal, 'no more')
      messages.push(...batch)
    },
  }
}

export const valuesOf = (messages: readonly ReadingsMessage[]): string[] =>
  messages.flatMap(({ data }) => data.readings.map((reading) => `${data.device} ${reading.value}`))

/** Everything faster than in life, so that a test of a break does not wait for a minute. */
const QUICK: Partial<MqttTuning> = { keepaliveSeconds: 10, reconnectMs: 100, retryMs: 50, lookMs: 50 }

export interface TestWorker extends AsyncDisposable {
  readonly mqtt: MqttSensors
  readonly log: ReturnType<typeof recordingLog>
  readonly metrics: ReturnType<typeof recordingMetrics>
  configure(sensors: readonly SensorConfig[]): void
  /** Connected, and the broker has confirmed every subscription. */
  ready(): Promise<void>
}

export function startWorker(
  given: Pick<MqttDeps, 'sink'> & {
    readonly settings: Partial<MqttSettings> & Pick<MqttSettings, 'url' | 'version'>
    readonly sensors: readonly SensorConfig[]
    readonly worker?: string
    readonly tuning?: Partial<MqttTuning>
  },
): TestWorker {
  const stop = new AbortController()
  const log = recordingLog()
  const metrics = recordingMetrics()
  let sensors = given.sensors
  const mqtt = runMqttSensors(
    {
      settings: { username: null, password: null, share: null, ...given.settings },
      worker: given.worker ?? 'host-a:/data',
      sink: given.sink,
      sensors: () => sensors,
      clock: systemClock,
      log,
      metrics,
      tuning: { ...QUICK, ...given.tuning },
    },
    stop.signal,
  )
  return {
    ...{ mqtt, log, metrics },
    configure(next) {
      sensors = next
    },
    ready: () => waitUntil('the worker is subscribed', () => mqtt.facts().subscribed),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await mqtt.ended
    },
  }
}

/** A worker of its own process, gone when the test is. */
export function startChild(plan: Plan): ScriptRun {
  const child = runScript(join(import.meta.dirname, '../../support/mqtt-child.ts'), [JSON.stringify(plan)])
  onTestFinished(() => child.kill())
  return child
}

/** A device: publishes with QoS 1 and waits for the broker's answer, unless it is told otherwise. */
export interface Device extends AsyncDisposable {
  readonly client: MqttClient
  say(topic: string, payload: unknown, options?: { qos?: 0 | 1; retain?: boolean }): Promise<void>
}

export async function device(
  url: string,
  version: MqttSettings['version'],
  will?: { topic: string; payload: string },
): Promise<Device> {
  const client = await connectAsync(url, {
    protocolVersion: version === '5' ? 5 : 4,
    reconnectPeriod: 200,
    ...(will
      ? { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }
      : {}),
  })
  client.on('error', () => undefined)
  return {
    client,
    async say(topic, payload, options = {}) {
      const bytes =
        typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)
      await client.publishAsync(topic, bytes, { qos: 1, ...options })
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  }
}

/** A line between worker and broker that can be cut, and that counts the PUBACKs which went over it. */
export interface Line extends AsyncDisposable {
  readonly url: string
  /** Cuts every connection, from both sides; new ones are taken again. */
  cut(): void
}

export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer((near) => {
    const far = keep(connectSocket(port, '127.0.0.1'))
    keep(near).pipe(far).pipe(near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    cut,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
