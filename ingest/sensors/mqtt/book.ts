import type { Clock } from '../../../core/ports/clock.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { Rejection } from './payload.ts'

/** What is known of one sensor, for health and for the person who asks why it is silent. */
export interface SensorFacts {
  readonly sensor: string
  readonly lastMessageAt: EpochMs | null
  readonly readings: number
  /** Values that could not be taken, and why the last of them. */
  readonly rejected: number
  readonly lastRejection: { readonly at: EpochMs; readonly reason: string } | null
  /** Readings whose time could not be: they have the arrival time. */
  readonly skewed: number
  readonly status: 'online' | 'offline' | null
}

type Entry = { -readonly [K in keyof SensorFacts]: SensorFacts[K] } & { loggedAt: EpochMs }

export interface Book {
  heard(sensor: string, readings: number): void
  rejected(sensor: string, count: number, why: Rejection, payload: Uint8Array): void
  skewed(sensor: string, count: number): void
  status(sensor: string, status: 'online' | 'offline'): void
  /** Sensors that left the configuration are forgotten. */
  keep(sensors: ReadonlySet<string>): void
  factsOf(sensor: string): SensorFacts
  /** Of all sensors, since the start. */
  readonly readings: number
}

/** One line a minute and sensor: a device that is wrong is wrong with every message. */
const LOG_EVERY_MS = 60_000
const SHOWN = 100

export function createBook({ clock, log, metrics }: { clock: Clock; log: Log; metrics: Metrics }): Book {
  const entries = new Map<string, Entry>()
  let total = 0

  function entry(sensor: string): Entry {
    const known = entries.get(sensor)
    if (known) return known
    const made: Entry = {
      ...{
        sensor,
        lastMessageAt: null,
        readings: 0,
        rejected: 0,
        lastRejection: null,
        skewed: 0,
        status: null,
      },
      loggedAt: Number.NEGATIVE_INFINITY,
    }
    entries.set(sensor, made)
    return made
  }

  function say(at: Entry, fields: object, message: string): void {
    if (clock.now() - at.loggedAt < LOG_EVERY_MS) return
    at.loggedAt = clock.now()
    log.warn({ sensor: at.sensor, ...fields }, message)
  }

  return {
    heard(sensor, readings) {
      const at = entry(sensor)
      at.lastMessageAt = clock.now()
      at.readings += readings
      total += readings
      if (readings > 0) metrics.count('mqtt_readings_total', {}, readings)
    },
    rejected(sensor, count, why, payload) {
      const at = entry(sensor)
      at.rejected += count
      at.lastRejection = { at: clock.now(), reason: why.reason }
      metrics.count('sensor_rejected_total', { why: why.code }, count)
      say(
        at,
        { reason: why.reason, rejected: at.rejected, payload: shown(payload) },
        'what a sensor sent cannot be taken',
      )
    },
    skewed(sensor, count) {
      const at = entry(sensor)
      at.skewed += count
      metrics.count('sensor_clock_skew_total', {}, count)
      say(at, { skewed: at.skewed }, "a sensor's clock is wrong: its readings have the time of their arrival")
    },
    status(sensor, status) {
      entry(sensor).status = status
    },
    keep(sensors) {
      for (const sensor of entries.keys()) if (!sensors.has(sensor)) entries.delete(sensor)
    },
    factsOf(sensor) {
      const { loggedAt: _, ...facts } = entry(sensor)
      return facts
    },
    get readings() {
      return total
    },
  }
}

/** The beginning of a payload, readable and harmless on a terminal. */
const shown = (payload: Uint8Array): string =>
  Buffer.from(payload.subarray(0, SHOWN)).toString('utf8').replace(/\p{C}/gu, '·').slice(0, SHOWN)
