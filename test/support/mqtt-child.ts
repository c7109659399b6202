import { writeSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { sensorSchema } from '../../core/config/sensor.ts'
import type { ReadingSink } from '../../core/ports/messages.ts'
import { runMqttSensors } from '../../ingest/sensors/mqtt/sensors.ts'
import type { MqttSettings } from '../../ingest/sensors/mqtt/settings.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { recordingMetrics, silentLog } from './log.ts'

// A worker with MQTT sensors and a spool, for tests that kill it. Says `subscribed` once it is, and after each commit
// `stored <device> <value>` for each reading.

export interface Plan {
  readonly folder: string
  readonly worker: string
  readonly settings: MqttSettings
  /** Sensors a1, a2 …, each with the topic sensors/<id>. */
  readonly sensors: number
  /** Dies at the given append, before or after its commit; null: lives until it is killed. */
  readonly die: { readonly at: number; readonly when: 'before' | 'after' } | null
}

const plan = JSON.parse(process.argv[2] ?? '') as Plan
const shared = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
const spool = await openSpool({ folder: plan.folder, ...shared, limits: { ballastBytes: 4_096 } })
const sensors = Array.from({ length: plan.sensors }, (_, n) =>
  sensorSchema.parse({
    ...{ id: `a${n + 1}`, source: 'mqtt', topic: `sensors/a${n + 1}` },
    ...{ factor: 'a34004', unit: 'ug/m3' },
  }),
)
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive after SIGKILL')
}
let appends = 0
const sink: ReadingSink = {
  async append(messages) {
    appends += 1
    const last = plan.die?.at === appends
    if (last && plan.die?.when === 'before') die()
    await spool.readings.append(messages)
    if (last) die()
    for (const { data } of messages)
      for (const { value } of data.readings) writeSync(1, `stored ${data.device} ${value}\n`)
  },
}
const stop = new AbortController()
const mqtt = runMqttSensors(
  {
    settings: plan.settings,
    worker: plan.worker,
    sink,
    sensors: () => sensors,
    ...shared,
    tuning: { lookMs: 50 },
  },
  stop.signal,
)
process.once('SIGTERM', () => stop.abort())
const told = setInterval(() => {
  if (!mqtt.facts().subscribed) return
  clearInterval(told)
  writeSync(1, 'subscribed\n')
}, 20)
await mqtt.ended
await spool[Symbol.asyncDispose]()
