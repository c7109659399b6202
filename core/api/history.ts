import { z } from 'zod'
import { EVENT_KINDS, severitySchema } from '../event.ts'

/** Shapes of the history: `GET /api/events`, `GET /api/cases/{no}/replay`, `GET /api/replay`. Times are ISO 8601 in UTC. */

const at = z.iso.datetime()
const source = z.object({ kind: z.enum(['camera', 'sensor']), id: z.string() })
const label = z.object({ zh: z.string(), en: z.string() })

/** One message of an event as it was received: its start, an update (each is sent again every 30 s) or its end. */
export const eventItemShape = z.object({
  /** Capture time of the state. */
  at,
  event: z.uuid(),
  epoch: z.int(),
  seq: z.int(),
  kind: z.enum(EVENT_KINDS),
  source,
  sourceName: label,
  type: z.string(),
  zone: z.string().nullable(),
  severity: severitySchema,
})
export type EventItem = z.infer<typeof eventItemShape>

/** Messages of one type on one day of the city. */
export const eventDayShape = z.object({
  day: z.iso.date(),
  type: z.string(),
  starts: z.int(),
  updates: z.int(),
  ends: z.int(),
})
export type EventDay = z.infer<typeof eventDayShape>

/** A page of messages; with `bucket=day` the days, oldest first. */
export const eventsShape = z.union([
  z.object({ items: z.array(eventItemShape), next: z.string().nullable(), asOf: z.string() }),
  z.object({ days: z.array(eventDayShape), timezone: z.string() }),
])

const text = z.string()
const maybe = z.string().nullable()

/** One entry of a replay. `key` is stable and unique within its `what`. */
export const replayEntryShape = z.discriminatedUnion('what', [
  z.object({
    at,
    what: z.literal('event'),
    key: text,
    event: z.uuid(),
    kind: z.enum(EVENT_KINDS),
    source,
    type: text,
    zone: maybe,
    severity: severitySchema,
    /** The whole state as the message carried it: what was measured, and against what. */
    state: z.record(z.string(), z.unknown()),
  }),
  z.object({
    at,
    what: z.literal('alert'),
    key: text,
    alert: z.uuid(),
    /** began, opened, recurred, updated, lost, resolved, acknowledged, verdict. */
    step: text,
    actor: maybe,
    state: maybe,
    severity: severitySchema,
    verdict: maybe,
    reason: maybe,
  }),
  z.object({
    at,
    what: z.literal('case'),
    key: text,
    case: text,
    seq: z.int(),
    kind: text,
    actor: text,
    actorKind: z.enum(['person', 'machine']),
    role: maybe,
    from: maybe,
    to: maybe,
    reason: maybe,
    data: z.record(z.string(), z.unknown()),
  }),
  z.object({
    at,
    what: z.literal('notification'),
    key: text,
    notification: z.uuid(),
    messageId: text,
    /** `queued`, or one call of the channel with its outcome. */
    kind: z.enum(['queued', 'attempt']),
    group: z.object({ kind: z.enum(['alert', 'case']), id: text }),
    step: text,
    department: text,
    channel: text,
    recipient: text,
    attempt: z.int().nullable(),
    outcome: maybe,
    code: maybe,
    error: maybe,
    durationMs: z.int().nullable(),
  }),
  /** Who opened which picture, and why; for auditors and investigators only. */
  z.object({
    at,
    what: z.literal('look'),
    key: text,
    who: text,
    kind: text,
    object: text,
    purpose: text,
    case: maybe,
    reason: maybe,
  }),
  /** From here on (or since before the span) a camera was watched so. What no interval covers, nobody watched. */
  z.object({
    at,
    what: z.literal('coverage'),
    key: text,
    camera: text,
    worker: text,
    epoch: z.int(),
    from: at,
    to: at,
    state: text,
    model: maybe,
    unavailable: z.array(text),
  }),
])
export type ReplayEntry = z.infer<typeof replayEntryShape>

/** Oldest first: the story as it happened. */
export const replayShape = z.object({
  items: z.array(replayEntryShape),
  next: z.string().nullable(),
  asOf: z.string(),
})
