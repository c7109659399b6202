import { z } from 'zod'
import { ORIGINALS_MODES } from '../originals.ts'
import { namedOwnerShape } from './named-owner.ts'
import { ruled } from './schema-fault.ts'

/**
 * `pending`: nobody has decided; `approved`: may be opened; `opened`: is being looked at; `used`: was looked at;
 * `refused`; `expired`: 24 hours went by before it was decided or opened.
 */
export const ORIGINAL_STATES = ['pending', 'approved', 'opened', 'used', 'refused', 'expired'] as const
export type OriginalState = (typeof ORIGINAL_STATES)[number]

export const originalRequestShape = z.object({
  id: z.uuid(),
  kind: z.enum(['alert', 'case', 'recording']),
  /** Of the alert or the recording; number of the case. */
  object: z.string(),
  /** The same as people name it. */
  owner: namedOwnerShape,
  /** The alert whose pictures it opens; null: of a recording, or of a case without an alert. */
  alert: z.uuid().nullable(),
  caseNo: z.string().nullable(),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(ORIGINAL_STATES),
  decidedBy: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  decisionReason: z.string().nullable(),
  /** Whether the asker may decide it now. */
  mayDecide: z.boolean(),
  /** Whether the asker may open it now. */
  mayOpen: z.boolean(),
})
export type OriginalRequest = z.infer<typeof originalRequestShape>

export const originalsShape = z.object({
  mode: z.enum(ORIGINALS_MODES),
  /** The newest first, at most 200. */
  items: z.array(originalRequestShape),
})
export type Originals = z.infer<typeof originalsShape>

const reason = z.string().trim().min(2, 'say why in at least 2 characters').max(500)
export const askOriginalBody = z
  .strictObject({
    alert: z.uuid().optional(),
    case: z.string().max(64).optional(),
    recording: z.uuid().optional(),
    reason,
  })
  .refine(
    (body) => [body.alert, body.case, body.recording].filter((each) => each !== undefined).length === 1,
    {
      error: 'name one of alert, case and recording',
      ...ruled('one_of', { keys: 'alert, case, recording' }),
    },
  )
export const decideOriginalBody = z.strictObject({ approved: z.boolean(), reason })
