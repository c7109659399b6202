import { z } from 'zod'
import { PURPOSES } from '../catalogue.ts'
import { READING_PERIODS, READING_STATISTICS } from '../reading.ts'
import { listShape, placeShape } from './shapes.ts'

/** The HTTP contract of sensors. Durations are milliseconds, values are in the sensor's unit where nothing else is said. */

const at = z.iso.datetime()
const label = z.object({ zh: z.string(), en: z.string() })
const period = z.enum(READING_PERIODS)

/** `never`: it has never been heard · `silent`, `fault`: an open sensor_fault · `exceeding`: an open exceedance. */
export const SENSOR_STATES = ['ok', 'exceeding', 'fault', 'silent', 'never'] as const

/** An open event, and the alert that shows it. */
const openEvent = z.object({ eventId: z.uuid(), alertId: z.uuid().nullable(), since: at })

export const sensorItemShape = z.object({
  id: z.string(),
  name: label,
  source: z.enum(['mqtt', 'hj212']),
  /** MN of an HJ 212 device; the id of an MQTT sensor. */
  device: z.string(),
  factor: z.string(),
  unit: z.string(),
  purpose: z.enum(PURPOSES),
  place: placeShape,
  /** How often a reading is expected; null: silence says nothing. */
  every: z.int().nullable(),
  limit: z
    .object({
      above: z.number().nullable(),
      below: z.number().nullable(),
      for: z.int(),
      clear: z.number().nullable(),
    })
    .nullable(),
  state: z.enum(SENSOR_STATES),
  exceeding: openEvent.nullable(),
  fault: openEvent.extend({ cause: z.enum(['silence', 'offline', 'unusable']) }).nullable(),
  /** The series that the limit judges; null: none has come yet. */
  judged: period.nullable(),
  /** Latest reading by its own time. `value` null: the device sent a flag alone. */
  last: z.object({ at, value: z.number().nullable(), flag: z.string().nullable(), period }).nullable(),
  /** When a message came last. */
  heardAt: at.nullable(),
  /** What the device said of itself last. */
  status: z.enum(['online', 'offline']).nullable(),
})
export type SensorItem = z.infer<typeof sensorItemShape>
export const sensorsShape = listShape(sensorItemShape)

export const readingItemShape = z.object({
  at,
  receivedAt: at,
  period,
  statistic: z.enum(READING_STATISTICS),
  value: z.number().nullable(),
  /** As the device sent it, before the sensor's scale. */
  raw: z.number().nullable(),
  /** The device's own mark. */
  flag: z.string().nullable(),
  /** A later word on it that stands for the flag. */
  mark: z.object({ id: z.string(), flag: z.string(), by: z.enum(['person', 'device']) }).nullable(),
  /** What a limit may take it for: the value, at least this high, or nothing. */
  basis: z.enum(['full', 'floor', 'none']),
})
export type ReadingItem = z.infer<typeof readingItemShape>
export const readingsShape = listShape(readingItemShape).extend({ unit: z.string() })

export const markItemShape = z.object({
  id: z.string(),
  /** Reading times, both included. */
  from: at,
  to: at,
  /** Null: readings of every period and statistic. */
  period: period.nullable(),
  statistic: z.enum(READING_STATISTICS).nullable(),
  /** Null: the device sent another value, and no other flag. */
  flag: z.string().nullable(),
  /** What the device sent the second time, as it sent it; null: the same value, or a person's mark. */
  raw: z.number().nullable(),
  reason: z.string(),
  by: z.enum(['person', 'device']),
  actor: z.string(),
  madeAt: at,
})
export type MarkItem = z.infer<typeof markItemShape>
export const marksShape = listShape(markItemShape)
