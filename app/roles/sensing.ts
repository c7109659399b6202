import { readFile } from 'node:fs/promises'
import { type MqttBroker, startMqttBroker } from '../../adapters/mqtt-broker.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Holding } from '../../core/ports/control.ts'
import type { ReadingSink } from '../../core/ports/messages.ts'
import { type Hj212Server, startHj212Server } from '../../ingest/sensors/hj212/server.ts'
import type { Hj212Device } from '../../ingest/sensors/hj212/verdict.ts'
import { clientIdOf } from '../../ingest/sensors/mqtt/connection.ts'
import { type MqttSensors, runMqttSensors } from '../../ingest/sensors/mqtt/sensors.ts'
import type { Tools } from '../tools.ts'

export interface Sensing {
  /** As the control plane answered: what is configured now. */
  configure(holding: Holding): void
  /** Null: no such sensor is configured. */
  readonly mqtt: MqttSensors | null
  readonly hj212: Hj212Server | null
  /** Why sensors are configured and cannot be heard; null: they can. */
  readonly problem: string | null
  stop(): Promise<void>
}

/**
 * Takes readings as soon as a sensor is configured: MQTT from the broker of the settings (else an embedded one on this
 * machine), HJ 212 from devices that connect here. Every worker takes readings; a reading that comes twice is one.
 */
export function startSensing(deps: {
  readonly tools: Tools
  readonly worker: string
  readonly sink: ReadingSink
}): Sensing {
  const { tools, worker, sink } = deps
  const { clock, log, metrics } = tools
  const ports = { clock, log, metrics }
  const stopping = new AbortController()
  let sensors: readonly SensorConfig[] = []
  let devices: ReadonlyMap<string, Hj212Device> = new Map()
  let zone = ''
  let broker: MqttBroker | null = null
  let mqtt: MqttSensors | null = null
  let hj212: Hj212Server | null = null
  let problem: string | null = null
  let work: Promise<void> = Promise.resolve()

  const listenMqtt = async (): Promise<void> => {
    if (mqtt || !sensors.some(({ source }) => source === 'mqtt')) return
    const { mqtt: given, mqttLogin: login, mqttPort, sensorListen } = await tools.settings()
    if (!given) {
      broker = await startMqttBroker({
        listen: sensorListen,
        port: mqttPort,
        log,
        keeper: clientIdOf(worker),
        ...(login
          ? { authenticate: (name, password) => name === login.username && password === login.password }
          : {}),
      })
      if (!login && sensorListen !== '127.0.0.1')
        log.warn(
          { listen: sensorListen },
          'the embedded MQTT broker takes everybody who reaches it: set MQTT_USERNAME and MQTT_PASSWORD_FILE',
        )
      log.info({ url: broker.url }, 'the embedded MQTT broker takes readings (MQTT_URL names one of yours)')
    }
    const embedded = {
      url: broker?.url ?? '',
      username: login?.username ?? null,
      password: login?.password ?? null,
      version: '3.1.1',
      share: null,
    } as const
    const settings = given ?? embedded
    mqtt = runMqttSensors({ settings, worker, sink, sensors: () => sensors, ...ports }, stopping.signal)
  }
  const listenHj212 = async (timezone: string): Promise<void> => {
    const wanted = sensors.some(({ source }) => source === 'hj212')
    if (hj212 && timezone !== zone) {
      await hj212.stop()
      hj212 = null
    }
    if (hj212 || !wanted) return
    const { hj212Port, sensorListen } = await tools.settings()
    hj212 = await startHj212Server({
      ...{ listen: sensorListen, port: hj212Port, timezone, worker, sink, devices: () => devices, ...ports },
    })
    zone = timezone
    log.info({ port: hj212.port }, 'HJ 212 devices can connect')
  }

  return {
    configure({ sensors: configured, city }) {
      if (stopping.signal.aborted) return
      sensors = configured
      // One after the other: a slow start is not begun twice.
      work = work.then(async () => {
        try {
          devices = await readDevices(configured)
          await listenMqtt()
          await listenHj212(city.timezone)
          problem = null
        } catch (thrown) {
          const error = toSharpEyesError(thrown)
          if (problem !== error.message)
            log.error(
              { code: error.code, error: error.message },
              'sensors cannot be heard; tried again in 5 s',
            )
          problem = error.message
        }
      })
    },
    get mqtt() {
      return mqtt
    },
    get hj212() {
      return hj212
    },
    get problem() {
      return problem
    },
    async stop() {
      stopping.abort()
      await work
      await Promise.all([mqtt?.ended, hj212?.stop()])
      await broker?.stop()
    },
  }
}

/** A device may have several factors; its password and checksum are those of the first that names them. */
async function readDevices(sensors: readonly SensorConfig[]): Promise<ReadonlyMap<string, Hj212Device>> {
  const devices = new Map<string, Hj212Device>()
  for (const sensor of sensors) {
    if (sensor.source !== 'hj212') continue
    const before = devices.get(sensor.mn)
    const file = before?.password == null ? sensor.passwordFile : undefined
    const password = file === undefined ? (before?.password ?? null) : await readSecret(sensor.id, file)
    devices.set(sensor.mn, { crc: before?.crc === 'modbus' ? 'modbus' : sensor.crc, password })
  }
  return devices
}

async function readSecret(sensor: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new SharpEyesError(
      'config_invalid',
      `sensors ${sensor}: passwordFile: ${path} cannot be read on this machine (${(cause as NodeJS.ErrnoException).code}): put it there too, at the same path`,
      { cause },
    )
  }
}
