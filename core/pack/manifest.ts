import canonicalize from 'canonicalize'
import { z } from 'zod'
import { severitySchema } from '../event.ts'

/**
 * The table of contents of an export pack, version 1. Its text is canonical JSON (RFC 8785), so that the same facts are
 * the same bytes; SHA-256 of these bytes stands in the case's log and, with its proof, in `proofs.json`. Times are ISO
 * 8601 in UTC. Every file of the ZIP is listed here but the manifest itself and those of `UNLISTED`.
 */
export const PACK_FORMAT = 'sharp-eyes-evidence-pack'
export const PACK_VERSION = 1

/** Names inside the ZIP. */
export const PACK_FILES = {
  manifest: 'manifest.json',
  log: 'log.json',
  changes: 'changes.json',
  readme: 'README.txt',
  proofs: 'proofs.json',
  checkpoint: 'checkpoint.txt',
  key: 'log-key.txt',
} as const
/** They prove the manifest, so that it cannot list them; each is checked by what it says. */
export const UNLISTED: readonly string[] = [PACK_FILES.proofs, PACK_FILES.checkpoint, PACK_FILES.key]

const at = z.iso.datetime()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const text = z.string()
const maybe = z.string().nullable()
const label = z.strictObject({ zh: text, en: text })

export const FILE_KINDS = ['still', 'clip', 'attachment', 'log', 'changes', 'readme'] as const

const fileSchema = z.strictObject({
  /** Inside the ZIP; null: it was deleted, and its hash is all that is left. */
  path: z.string().nullable(),
  sha256,
  bytes: z.int().min(0),
  mediaType: text,
  kind: z.enum(FILE_KINDS),
  /** Null: it has only one, as it came. */
  variant: z.enum(['masked', 'original']).nullable(),
  /** Id of the piece of evidence; null: made for this pack. */
  evidence: z.uuid().nullable(),
  /** File name of an attachment as it was uploaded. */
  name: maybe,
  by: maybe,
  storedAt: at.nullable(),
  capturedAt: at.nullable(),
  /** Where the capture time comes from, and how wrong it may be, milliseconds. */
  clock: z.strictObject({ kind: text, errorMs: z.number().min(0) }).nullable(),
  /** How it was masked, for example `heads@1:frame`. */
  masking: maybe,
  camera: maybe,
  cameraName: label.nullable(),
  deleted: z.strictObject({ at, reason: text }).nullable(),
})
export type PackFile = z.infer<typeof fileSchema>

export const manifestSchema = z.strictObject({
  format: z.literal(PACK_FORMAT),
  version: z.literal(PACK_VERSION),
  made: z.strictObject({
    at,
    by: text,
    reason: text,
    purpose: text,
    /** With the unmasked originals. */
    originals: z.boolean(),
    program: text,
  }),
  city: z.strictObject({ name: text, timezone: text, datum: text }),
  case: z.strictObject({
    no: z.string().regex(/^\d{4}-\d{6,}$/),
    state: text,
    version: z.int(),
    type: text,
    severity: severitySchema,
    purpose: maybe,
    camera: maybe,
    place: z.record(text, z.unknown()),
    note: maybe,
    lead: maybe,
    leadName: label.nullable(),
    assist: z.array(text),
    filedBy: text,
    filedAt: at,
    closedAt: at.nullable(),
    reworkCount: z.int(),
    extensionCount: z.int(),
    held: z.boolean(),
  }),
  /** Null: filed by hand. */
  alert: z
    .strictObject({
      id: z.uuid(),
      type: text,
      severity: severitySchema,
      state: text,
      source: z.strictObject({ kind: text, id: text }),
      zone: maybe,
      rule: z.strictObject({ id: text, version: text }),
      /** Null: no model takes part in this rule. */
      model: z.strictObject({ id: text, family: text, sha256: text }).nullable(),
      verdict: maybe,
      verdictReason: maybe,
      verdictNote: maybe,
      verdictBy: maybe,
      verdictAt: at.nullable(),
      acknowledgedBy: maybe,
      acknowledgedAt: at.nullable(),
      since: at,
      startedAt: at,
      lastSeenAt: at,
      resolvedAt: at.nullable(),
      occurrences: z.int(),
      /** The latest state of the event: what was measured, and against what. */
      cause: z.record(text, z.unknown()),
    })
    .nullable(),
  files: z.array(fileSchema),
})
export type PackManifest = z.infer<typeof manifestSchema>

/** RFC 8785. Throws TypeError on what is no JSON. */
export function canonicalText(value: unknown): string {
  const canonical = canonicalize(value)
  if (canonical === undefined) throw new TypeError('this value is no JSON')
  return canonical
}
