import { z } from 'zod'
import { cloudEvent } from './envelope.ts'

/**
 * A notification on its way: queued, each attempt, sent or given up. Key of the record: the case number, for what was
 * sent before a case was filed the alert's id; it never changes for one notification, so its attempts are in order.
 * No address and no text of the receiver's server: they may name a person.
 */
export const notifyMessageSchema = cloudEvent(
  'notify.attempt.v1',
  z.object({
    notification: z.object({
      id: z.uuid(),
      messageId: z
        .string()
        .min(1)
        .meta({ description: 'The same in every attempt: receivers tell copies by it.' }),
      group: z.object({ kind: z.enum(['alert', 'case']), id: z.string().min(1) }),
      step: z
        .string()
        .min(1)
        .meta({ examples: ['at_once', 'filed', 'cancel', 'reminder:accept:1'] }),
      department: z.string().min(1),
      channel: z
        .string()
        .min(1)
        .meta({ examples: ['webhook', 'email'] }),
      recipient: z
        .string()
        .meta({ description: 'Place in the department’s channel list.', examples: ['ecology/1'] }),
      state: z.enum(['queued', 'sending', 'sent', 'dead', 'cancelled']),
      attempt: z.int().min(0).meta({ description: 'Calls begun so far.' }),
      nextAttemptAt: z.iso.datetime().nullable(),
      possibleDuplicates: z
        .int()
        .min(0)
        .meta({ description: 'Calls repeated because nobody knows how the last ended.' }),
      code: z
        .string()
        .nullable()
        .meta({ description: 'Of the latest answer.', examples: ['http_200', 'timeout'] }),
      sentAt: z.iso.datetime().nullable(),
    }),
  }),
)
