import { z } from 'zod'
import { attentionWhyShape } from '../../core/attention.ts'
import { HAZARD_EVENT_TYPE } from '../../core/event.ts'
import { CAMERA_STATES } from '../../core/ports/control.ts'
import { SENSOR_READINGS_TYPE } from '../../core/reading.ts'
import { toldShape } from '../../core/told.ts'

/** What workers send. Keys that are not known here are left out: a worker may be newer than the server. */

const name = z.string().min(1).max(128)
const text = z.string().max(2_000)
const cameraId = z.string().min(1).max(64)
const MAX_CAMERAS = 4_096

const factsSchema = z.object({
  version: name,
  model: name.nullable(),
  endpoint: z
    .object({ url: z.url({ protocol: /^https?$/ }), secret: z.string().min(16).max(256) })
    .nullable(),
  clockSkewMs: z.number().nullable().default(null),
})

const statusSchema = z.object({
  camera: cameraId,
  state: z.enum(CAMERA_STATES),
  since: z.int(),
  attention: z
    .object({
      level: z.enum(['sentry', 'full']),
      fps: z.number(),
      reason: text,
      // Words for pages only: one that cannot be read must not cost the worker its cameras.
      why: attentionWhyShape.optional().catch(undefined),
    })
    .nullable(),
  problem: text.nullable(),
  trouble: toldShape.nullish().catch(null),
  codec: name.nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  lastFrameAt: z.int().nullable(),
  unavailable: z.array(z.object({ type: name, reason: text })).max(100),
})

export const holdBody = z.object({
  facts: factsSchema,
  capacity: z.int().min(0).max(MAX_CAMERAS),
  status: z.array(statusSchema).max(MAX_CAMERAS),
})

export const releaseBody = z.object({
  cameras: z.union([z.literal('all'), z.array(cameraId).max(MAX_CAMERAS)]),
})

/** Only what says where a message goes. */
interface Envelope {
  readonly type: string
  readonly data: object
}
const TYPES: readonly unknown[] = [HAZARD_EVENT_TYPE, SENSOR_READINGS_TYPE]
const isEnvelope = (value: unknown): value is Envelope => {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('data' in value)) return false
  return TYPES.includes(value.type) && typeof value.data === 'object' && value.data !== null
}

/**
 * The inbox judges the rest and puts aside what it cannot take, so that one bad message never stands in the way of those
 * behind it. Messages stay as they came, to the order of their keys: what is put aside is kept byte for byte.
 */
export const messagesBody = z.object({
  messages: z.array(z.custom<Envelope>(isEnvelope, `is no message of type ${TYPES.join(' or ')}`)).max(1_000),
})

export const doneBody = z.object({
  made: z
    .array(
      z.object({
        variant: z.enum(['masked', 'original']),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        bytes: z.int().positive(),
        mediaType: name,
        capturedAt: z.int(),
        meta: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1)
    .max(4),
})

export const failedBody = z.object({ error: text, final: z.boolean() })

export const unneededBody = z.object({ pins: z.array(name).max(1_000) })
