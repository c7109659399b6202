import { z } from 'zod'

/** Days until a class of data is deleted; null: for good. */
const days = z.int().min(1).nullable()

export const retentionShape = z.object({
  /** Evidence of alerts without a case. */
  alert: days,
  /** Evidence and log of a case, counted from its closing; looks, configuration and shifts from their day. */
  case: days,
  /** Sealed originals; of an open case counted from its closing. */
  original: days,
  /** Entries of the change log that belong to no case. */
  changes: days,
  /** Raw events and readings as the setting of this process says; their daily and hourly figures stay. */
  events: days,
  readings: days,
})
export type Retention = z.infer<typeof retentionShape>
