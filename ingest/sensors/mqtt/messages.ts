import type { MqttSensor } from '../../../core/config/sensor.ts'
import { type Reading, type ReadingsMessage, toReadingsMessage } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { Value } from './payload.ts'

/** What a message of the schema holds at most. */
const MAX_READINGS = 500
const MAX_AHEAD_MS = 10 * 60_000
const FIRST_YEAR = Date.UTC(2000, 0, 1)

export interface Arrival {
  /** When this worker got it. */
  readonly at: EpochMs
  /** The broker had kept it for whoever subscribes: it may be of any age. */
  readonly retained: boolean
  readonly worker: string
}

/** What one sensor gets of a payload. */
export interface SensorReadings {
  readonly messages: readonly ReadingsMessage[]
  /** Readings whose time cannot be: they have the arrival time. */
  readonly skewed: number
  /** Readings without a time in a retained message: nobody knows when they were. */
  readonly timeless: number
}

/**
 * Readings of one sensor. A time more than ten minutes ahead or before 2000 is no time (a clock that was never set): the
 * reading gets the arrival time, like one without any. Everything else is what the device says, however late it comes.
 */
export function readingsOf(
  sensor: MqttSensor,
  values: readonly Value[],
  { at, retained, worker }: Arrival,
): SensorReadings {
  const readings: Reading[] = []
  let skewed = 0
  let timeless = 0
  for (const value of values) {
    if (value.factor !== null && value.factor !== sensor.factor) continue
    const impossible = value.at !== null && (value.at > at + MAX_AHEAD_MS || value.at < FIRST_YEAR)
    if (impossible) skewed += 1
    if (retained && (value.at === null || impossible)) {
      timeless += 1
      continue
    }
    readings.push({
      factor: sensor.factor,
      period: 'instant',
      statistic: 'value',
      at: value.at === null || impossible ? at : value.at,
      value: value.value,
      flag: value.flag,
    })
  }
  const messages: ReadingsMessage[] = []
  for (let from = 0; from < readings.length; from += MAX_READINGS)
    messages.push(message(sensor, at, worker, readings.slice(from, from + MAX_READINGS), null))
  return { messages, skewed, timeless }
}

/** A device that says that it comes or goes. */
export const statusOf = (sensor: MqttSensor, status: 'online' | 'offline', at: EpochMs, worker: string) =>
  message(sensor, at, worker, [], status)

const message = (
  sensor: MqttSensor,
  receivedAt: EpochMs,
  worker: string,
  readings: readonly Reading[],
  status: 'online' | 'offline' | null,
): ReadingsMessage =>
  toReadingsMessage({
    device: sensor.id,
    protocol: 'mqtt',
    receivedAt,
    worker,
    readings: [...readings],
    status,
  })
