import { z } from 'zod'

const version = z.int().min(1)
const reason = z.string().trim().min(1, 'a reason is required').max(2000)
const note = z.string().trim().min(1, 'a note is required').max(4000)
/** Ids of attachments uploaded to this case before. */
const attachments = z.array(z.uuid()).max(20)
const department = z.string().min(1).max(64)

/** What people and timers may do with a case. `version` is the one the sender saw; another is refused with 409. */
export const caseCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dispatch'),
    version,
    department,
    assist: z.array(department).max(10).default([]),
  }),
  z.strictObject({ kind: z.literal('accept'), version }),
  z.strictObject({
    kind: z.literal('report'),
    version,
    note,
    attachments: attachments.min(1, 'a report needs a photo'),
  }),
  z.strictObject({
    kind: z.literal('verify'),
    version,
    passed: z.boolean(),
    note,
    attachments: attachments.default([]),
  }),
  z.strictObject({ kind: z.literal('close'), version, reason }),
  z.strictObject({ kind: z.literal('return'), version, reason }),
  z.strictObject({
    kind: z.literal('extend'),
    version,
    reason,
    until: z.iso.datetime({ offset: true }),
    /** The stamped application, which a second extension needs. */
    attachments: attachments.default([]),
  }),
  z.strictObject({ kind: z.literal('decide'), version, granted: z.boolean(), reason }),
  z.strictObject({ kind: z.literal('suspend'), version, reason, until: z.iso.datetime({ offset: true }) }),
  z.strictObject({ kind: z.literal('resume'), version, reason: reason.optional() }),
  z.strictObject({ kind: z.literal('void'), version, reason }),
  z.strictObject({ kind: z.literal('reopen'), version, reason }),
])
export type CaseCommand = z.infer<typeof caseCommandSchema>

/**
 * A command or filing as it came over the wire. Its content is parsed by `decide` only after rights (403, 404) and
 * version (409), so that a stale and malformed command is answered with 409 and not with 422.
 */
export type RawInput = Readonly<Record<string, unknown>>

/** Filing: from an alert, or by hand. */
export const fileCaseSchema = z.union([
  z.strictObject({ alertId: z.uuid(), note: z.string().trim().max(4000).optional() }),
  z.strictObject({
    type: z.string().min(1),
    place: z.string().trim().min(1).max(500),
    note: z.string().trim().min(1).max(4000),
    severity: z.int().min(1).max(4).optional(),
    camera: z.string().optional(),
  }),
])
export type FileCase = z.infer<typeof fileCaseSchema>
