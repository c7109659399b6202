import { createHash } from 'node:crypto'
import { z } from 'zod'
import { HAZARD_TYPES } from './catalogue.ts'
import { cloudEvent, eventType, schemaUri } from './messages/envelope.ts'

/** 1 is the highest, as GB/T 28181 AlarmPriority. */
export const severitySchema = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)])
export type Severity = z.infer<typeof severitySchema>

const fraction = z.number().min(0).max(1)
export const boxSchema = z.tuple([fraction, fraction, fraction, fraction]).readonly()

/** A picture in the evidence store, named by the hash of its exact bytes. */
const pictureSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  mediaType: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
})
export type StoredPicture = z.infer<typeof pictureSchema>

/** The still travels with the event: both files are durable before the event is spooled (invariant 7). */
export const stillSchema = z.union([
  z.object({
    masked: pictureSchema,
    /** The unmasked original, kept once and sealed. Absent where the camera's masking is `none`. */
    original: pictureSchema.nullable(),
    capturedAt: z.int(),
    /** How the picture was masked, for example `heads@1:frame` (no head detector: the whole frame). */
    method: z.string(),
  }),
  z.object({ failed: z.string() }),
])
export type EventStill = z.infer<typeof stillSchema>

/**
 * One hazard in one zone of one camera (or of one sensor factor): the whole state, as every message carries it. Reading
 * ignores keys that it does not know: a newer worker's message is no bad message.
 */
export const hazardEventSchema = z.object({
  id: z.uuid(),
  source: z.object({ kind: z.enum(['camera', 'sensor']), id: z.string().min(1) }),
  type: z.enum(HAZARD_TYPES),
  /** Name of the zone; null: the whole picture. */
  zone: z.string().nullable(),
  rule: z.object({ id: z.string().min(1), version: z.string().min(1) }),
  severity: severitySchema,
  /** When the hazard began (for a dwell: when the thing came to stand), epoch ms. */
  since: z.int(),
  /** Capture time of the picture at which the start was decided, epoch ms. */
  startedAt: z.int(),
  lastSeenAt: z.int(),
  endedAt: z.int().nullable(),
  endReason: z.string().nullable(),
  /** `device`: a sensor's own clock; `errorMs` is then how far it was from ours at the deciding reading. */
  clock: z.object({
    kind: z.enum(['arrival', 'rtcp', 'media', 'device']),
    errorMs: z.number().min(0),
  }),
  /** Latest and highest score, 0..1. */
  score: fraction,
  peakScore: fraction,
  box: boxSchema.nullable(),
  /** What the picture showed at the latest decision, at most 20. Never a person's identity. */
  detections: z.array(z.object({ label: z.string(), score: fraction, box: boxSchema })).max(20),
  /** What was measured: count, darkness, stillMs … */
  measured: z.record(z.string(), z.number()),
  /** What it was measured against: limit, score, forMs … */
  thresholds: z.record(z.string(), z.number()),
  model: z.object({ id: z.string(), family: z.string(), sha256: z.string() }).nullable(),
  still: stillSchema.nullable(),
})
export type HazardEvent = z.infer<typeof hazardEventSchema>

export const EVENT_KINDS = ['start', 'update', 'end'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

export const HAZARD_EVENT_TYPE = eventType('hazard.event.v1')

/** CloudEvents 1.0, structured JSON. `id` is `<eventId>/<epoch>.<seq>`; `source` + `id` is the idempotency key. */
export const hazardMessageSchema = cloudEvent(
  'hazard.event.v1',
  z.object({
    kind: z.enum(EVENT_KINDS),
    /** Epoch of the camera's lease at the worker. */
    epoch: z.int().min(0),
    /** Counts the messages of one event within one epoch, from 1. */
    seq: z.int().min(1),
    worker: z.string().min(1),
    event: hazardEventSchema,
  }),
)
export type HazardMessage = z.infer<typeof hazardMessageSchema>

export function toMessage(
  event: HazardEvent,
  position: {
    kind: EventKind
    epoch: number
    seq: number
    worker: string
    at: number
    /** Null or absent: traces are off. */
    traceparent?: string | null
  },
): HazardMessage {
  const { kind, epoch, seq, worker, at, traceparent } = position
  return {
    specversion: '1.0',
    id: `${event.id}/${epoch}.${seq}`,
    source: `/${event.source.kind}s/${event.source.id}`,
    type: HAZARD_EVENT_TYPE,
    subject: event.id,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaUri('hazard.event.v1'),
    ...(traceparent && { traceparent }),
    data: { kind, epoch, seq, worker, event },
  }
}

/** Identity of a matter: at most one unresolved alert has it. No time, no score, no track number. */
export function fingerprint(event: Pick<HazardEvent, 'source' | 'rule' | 'zone'>): string {
  const parts = [event.source.kind, event.source.id, event.rule.id, event.zone ?? '']
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
