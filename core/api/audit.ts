import { z } from 'zod'
import { ACTOR_KINDS } from '../actor.ts'

/** Shapes of `GET /api/audit` and what belongs to it. Hashes are hex, positions decimal texts. */

const at = z.iso.datetime()

/** One entry of the log. */
export const auditEntryShape = z.object({
  /** Null: it gets its position within seconds. */
  pos: z.string().nullable(),
  at,
  /** `look`, `alert`, `case`, `notification`, `config` … */
  topic: z.string(),
  /** What was done to it, or how it was looked at: `original`, `verdict`, `accepted` … Several of one command: `a,b`. */
  action: z.string(),
  /** Name of an account, of a part of the machine, or of a user of the server; null: the machine, without saying which part. */
  who: z.string().nullable(),
  /** Which of them it is: their names can be alike. */
  whoKind: z.enum(ACTOR_KINDS),
  /** Id of an alert, number of a case; of a look `alert:<id>`, `case:<no>`, `camera:<id>`. */
  object: z.string(),
  camera: z.string().nullable(),
  caseNo: z.string().nullable(),
  purpose: z.string().nullable(),
  reason: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof auditEntryShape>

export const auditCheckpointShape = z.object({
  size: z.int(),
  origin: z.string(),
  root: z.string(),
  at,
  /** The signed note. */
  note: z.string(),
})

export const auditTreeShape = z.object({
  /** Entries of the tree, and of the log. */
  size: z.int(),
  pos: z.int(),
  root: z.string().nullable(),
  state: z.enum(['whole', 'behind', 'unchecked', 'broken']),
  findings: z.array(
    z.object({
      code: z.string(),
      pos: z.string().nullable(),
      size: z.int().nullable(),
      detail: z.string(),
    }),
  ),
  checkedAt: at.nullable(),
  checkpoint: auditCheckpointShape.nullable(),
  /** C2SP verifier key; null: this process does not know it. */
  verifier: z.string().nullable(),
})
export type AuditTree = z.infer<typeof auditTreeShape>

/** Everything that a check of one entry needs but the key. */
export const auditProofShape = z.object({
  pos: z.string(),
  /** RFC 8785 text: leaf = SHA-256(0x00 ‖ it). Null: retention deleted the entry, its leaf is left. */
  entry: z.string().nullable(),
  leaf: z.string(),
  size: z.int(),
  path: z.array(z.string()),
  checkpoint: auditCheckpointShape,
})

export const auditCheckpointsShape = z.object({
  items: z.array(auditCheckpointShape),
  next: z.string().nullable(),
})
