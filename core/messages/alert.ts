import { z } from 'zod'
import { ALERT_STATES, VERDICTS } from '../alert.ts'
import { cloudEvent } from './envelope.ts'
import { messagePlaceSchema } from './place.ts'

/**
 * A change of an alert with the alert's state after it. Key of the record: the fingerprint, so that everything about one
 * matter is in order. Words that may be added to (change, type, purpose) are open strings.
 */
export const alertMessageSchema = cloudEvent(
  'alert.event.v1',
  z.object({
    change: z
      .string()
      .min(1)
      .meta({
        description: 'What happened. More words may come.',
        examples: [
          'opened',
          'recurred',
          'updated',
          'resolved',
          'lost',
          'acknowledged',
          'verdict',
          'agreed',
          'picture',
        ],
      }),
    actor: z.string().nullable().meta({ description: 'Account that did it; null: the machine.' }),
    picture: z
      .object({ camera: z.string().min(1), kind: z.string().min(1), state: z.enum(['ready', 'failed']) })
      .optional()
      .meta({
        description: 'With the change picture: a still or clip that is there now, or cannot be made.',
      }),
    alert: z.object({
      id: z.uuid(),
      fingerprint: z.string().min(1).meta({
        description: 'Of source, rule and zone: at most one alert with it is not resolved.',
      }),
      source: z.object({ kind: z.enum(['camera', 'sensor']), id: z.string().min(1) }),
      rule: z.string().min(1),
      zone: z.string().nullable().meta({ description: 'null: the whole picture.' }),
      type: z
        .string()
        .min(1)
        .meta({ description: 'Hazard type.', examples: ['fire', 'lane_blocked'] }),
      severity: z.int().min(1).max(4).meta({ description: '1 is the highest, as GB/T 28181.' }),
      purpose: z
        .string()
        .nullable()
        .meta({ examples: ['public_safety', 'environment'] }),
      place: messagePlaceSchema.nullable().meta({ description: 'As configured when the alert opened.' }),
      state: z.enum(ALERT_STATES),
      verdict: z.enum(VERDICTS).nullable().meta({ description: 'A person’s; null: nobody has judged it.' }),
      verdictReason: z.string().nullable(),
      acknowledged: z.boolean(),
      lost: z.boolean().meta({ description: 'Nobody reports it any more: the worker may be away.' }),
      occurrences: z.int().min(1),
      since: z.iso.datetime().meta({ description: 'When the hazard began.' }),
      startedAt: z.iso.datetime().meta({ description: 'Of the picture or reading at which it was decided.' }),
      lastSeenAt: z.iso.datetime(),
      resolvedAt: z.iso.datetime().nullable(),
      caseNo: z.string().nullable(),
      eventId: z
        .uuid()
        .optional()
        .meta({ description: 'The latest event; in logs and traces the name of the matter.' }),
      version: z.int().min(1).meta({ description: 'Grows with every change of the alert.' }),
    }),
  }),
)
