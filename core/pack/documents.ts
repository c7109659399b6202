import { z } from 'zod'

/** The JSON documents beside the manifest; each is canonical JSON (RFC 8785). */

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const pos = z.string().regex(/^[1-9]\d{0,15}$/)

/** The follow-up log 跟踪记录, oldest first. */
export const packLogSchema = z.array(
  z.strictObject({
    seq: z.int(),
    at: z.iso.datetime(),
    actor: z.string(),
    actorKind: z.enum(['person', 'machine']),
    role: z.string().nullable(),
    kind: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    reason: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  }),
)
export type PackLog = z.infer<typeof packLogSchema>

/** A row of the change log as its leaf in the audit tree is made of it. `pos` is the leaf's number, from 1. */
export const packChangeSchema = z.strictObject({
  pos,
  /** UTC with microseconds. */
  at: z.string(),
  topic: z.string(),
  key: z.string(),
  payload: z.record(z.string(), z.unknown()),
})
export type PackChange = z.infer<typeof packChangeSchema>

/** Changes of the case and its alert, in the order of the log. */
export const packChangesSchema = z.array(packChangeSchema)

/**
 * That each change is in the tree of the checkpoint (RFC 6962 inclusion proofs, hashes in hex). `export`: the change that
 * says which manifest was exported; it is the last one, and no other document has it.
 */
export const packProofsSchema = z.strictObject({
  size: z.int().min(1),
  root: hash,
  changes: z.array(z.strictObject({ pos, path: z.array(hash).max(64) })),
  export: z.strictObject({ change: packChangeSchema, path: z.array(hash).max(64) }),
})
export type PackProofs = z.infer<typeof packProofsSchema>
