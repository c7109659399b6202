import { createHash } from 'node:crypto'
import { z } from 'zod'
import { cloudEvent, eventType, schemaUri } from './messages/envelope.ts'

/** What an aggregate is over. `instant`: HJ 212 `Rtd` (CN 2011), or a value of an MQTT sensor. */
export const READING_PERIODS = ['instant', 'minute', 'hour', 'day'] as const
export const READING_STATISTICS = ['value', 'min', 'avg', 'max', 'sum'] as const

/**
 * Nothing that is measured is larger, in whatever unit. Statistics of an hour add up squares: one reading of 1e200 would
 * overflow them, and with them every question that touches its hour. Receivers do not take it, and the inbox neither.
 */
export const MAX_VALUE = 1e30

/** One value of one factor of one device. Raw value, device flag and later marks are separate facts. */
export const readingSchema = z.object({
  factor: z.string().min(1).max(64),
  period: z.enum(READING_PERIODS),
  statistic: z.enum(READING_STATISTICS),
  /** Time of the reading by the device's clock (HJ 212: DataTime), epoch ms. */
  at: z.int(),
  /** As the device sent it, without `scale`; null: the device sent the flag alone. */
  value: z.number().nullable(),
  /** The device's own mark, for example HJ 212 `N` normal, `D` broken, `F` stopped; null: it sent none. */
  flag: z.string().max(16).nullable(),
})
export type Reading = z.infer<typeof readingSchema>

export const SENSOR_READINGS_TYPE = eventType('sensor.readings.v1')

/**
 * One packet of one device, CloudEvents 1.0. `source` + `id` is the idempotency key; the id is made of the content, so a
 * packet that the device sends twice is the same message. Readers ignore keys that they do not know.
 */
export const readingsMessageSchema = cloudEvent(
  'sensor.readings.v1',
  z.object({
    /** HJ 212 MN, or the id of an MQTT sensor. */
    device: z.string().min(1).max(64),
    protocol: z.enum(['mqtt', 'hj212']),
    /** When this worker got it, epoch ms. */
    receivedAt: z.int(),
    worker: z.string().min(1),
    readings: z.array(readingSchema).max(500),
    /** A device says that it goes (will) or comes (birth). */
    status: z.enum(['online', 'offline']).nullable(),
  }),
)
export type ReadingsMessage = z.infer<typeof readingsMessageSchema>

/** The message of one packet. Its id is the hash of what the device said, not of when it came. */
export function toReadingsMessage(data: ReadingsMessage['data']): ReadingsMessage {
  const { device, protocol, readings, status, receivedAt } = data
  // A status has no time of its own: each one that comes is another fact.
  const content = JSON.stringify([device, protocol, readings, status, status === null ? 0 : receivedAt])
  return {
    specversion: '1.0',
    id: createHash('sha256').update(content).digest('hex').slice(0, 32),
    source: `/devices/${encodeURIComponent(device)}`,
    type: SENSOR_READINGS_TYPE,
    subject: device,
    time: new Date(receivedAt).toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaUri('sensor.readings.v1'),
    data,
  }
}
