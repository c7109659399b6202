import type { z } from 'zod'
import type { VerifierKey } from '../audit/checkpoint.ts'
import { packChangesSchema, packLogSchema, packProofsSchema } from './documents.ts'
import {
  canonicalText,
  manifestSchema,
  PACK_FILES,
  type PackFile,
  type PackManifest,
  UNLISTED,
} from './manifest.ts'
import { checkCheckpoint, checkExport, checkProofs } from './verify-proof.ts'

/** What was read out of the ZIP: every file with its size and hash, and the text of those that are documents. */
export interface PackContents {
  readonly files: ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>
  /** By name; only names of `PACK_FILES`. */
  readonly texts: ReadonlyMap<string, string>
}

export interface Finding {
  /** `note`: true, but not proven by the pack itself. */
  readonly level: 'ok' | 'fault' | 'note'
  /** The file it is about; null: the pack. */
  readonly file: string | null
  /** Stable word. */
  readonly code: string
  readonly text: string
}

/** Adds a finding. */
export type Say = (level: Finding['level'], file: string | null, code: string, text: string) => void

export interface Verified {
  readonly findings: readonly Finding[]
  readonly manifest: PackManifest | null
  /** SHA-256 of the manifest as it is: to compare with the case's log, or a printed sheet. */
  readonly manifestSha256: string | null
}

/**
 * Checks a pack against itself: every hash, the manifest against the change that exported it, every change against the
 * checkpoint, the checkpoint against the key. Reads nothing else. `trusted`: the key the log must be signed with; null:
 * the one that lies in the pack, which proves only that all of it was made by one hand. Total: whatever is in the files
 * becomes findings.
 */
export function verifyPack(contents: PackContents, trusted: VerifierKey | null): Verified {
  const findings: Finding[] = []
  const say: Say = (level, file, code, text) => findings.push({ level, file, code, text })
  const manifest = readDocument(contents, PACK_FILES.manifest, manifestSchema, say)
  const manifestSha256 = contents.files.get(PACK_FILES.manifest)?.sha256 ?? null
  if (manifest) checkFiles(contents, manifest, say)
  const log = readDocument(contents, PACK_FILES.log, packLogSchema, say)
  if (manifest && log) checkAttachments(manifest.files, log, say)
  const changes = readDocument(contents, PACK_FILES.changes, packChangesSchema, say)
  const proofs = readDocument(contents, PACK_FILES.proofs, packProofsSchema, say)
  const root = checkCheckpoint(contents, trusted, say)
  if (proofs && root) checkProofs(proofs, changes, root, say)
  if (proofs && manifest && manifestSha256) checkExport(proofs, manifest, manifestSha256, say)
  return { findings, manifest, manifestSha256 }
}

function readDocument<S extends z.ZodType>(
  { texts, files }: PackContents,
  name: string,
  schema: S,
  say: Say,
): z.output<S> | null {
  const text = texts.get(name)
  if (text === undefined) {
    if (!files.has(name)) say('fault', name, 'missing', 'is missing')
    return null
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    say('fault', name, 'no_json', 'is not JSON')
    return null
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    say('fault', name, 'wrong_shape', `is not what it should be: ${issue?.path.join('.')}: ${issue?.message}`)
    return null
  }
  if (!isCanonical(value, text)) {
    say('fault', name, 'not_canonical', 'is not canonical JSON: it was written by something else')
    return null
  }
  return parsed.data
}

/** Hostile JSON (half a surrogate pair, nested without end) has no canonical text. */
function isCanonical(value: unknown, text: string): boolean {
  try {
    return canonicalText(value) === text
  } catch {
    return false
  }
}

function checkFiles({ files }: PackContents, manifest: PackManifest, say: Say): void {
  const listed = new Set<string>([PACK_FILES.manifest, ...UNLISTED])
  for (const file of manifest.files) {
    if (file.path === null) {
      checkDeleted(file, say)
      continue
    }
    if (listed.has(file.path)) say('fault', file.path, 'listed_twice', 'is listed twice in the manifest')
    listed.add(file.path)
    const found = files.get(file.path)
    if (!found) say('fault', file.path, 'missing', 'is listed in the manifest and missing in the pack')
    else if (found.bytes !== file.bytes)
      say('fault', file.path, 'wrong_size', `has ${found.bytes} bytes; the manifest says ${file.bytes}`)
    else if (found.sha256 !== file.sha256)
      say('fault', file.path, 'wrong_hash', `has SHA-256 ${found.sha256}; the manifest says ${file.sha256}`)
    else say('ok', file.path, 'intact', `SHA-256 ${file.sha256}`)
  }
  for (const name of UNLISTED)
    if (!files.has(name) && name !== PACK_FILES.proofs) say('fault', name, 'missing', 'is missing')
  for (const name of files.keys())
    if (!listed.has(name)) say('fault', name, 'not_listed', 'is not listed in the manifest: it was added')
}

function checkDeleted({ deleted, kind, sha256 }: PackFile, say: Say): void {
  if (deleted)
    say(
      'note',
      null,
      'deleted',
      `${kind} ${sha256} was deleted at ${deleted.at} (${deleted.reason}); its hash is kept`,
    )
  else say('fault', PACK_FILES.manifest, 'no_path', `${kind} ${sha256} has no file and was not deleted`)
}

/** The log said the hash of a picture when it was uploaded. */
function checkAttachments(files: readonly PackFile[], log: z.infer<typeof packLogSchema>, say: Say): void {
  const uploaded = new Set(log.filter(({ kind }) => kind === 'attachment').map(({ data }) => data.sha256))
  for (const { kind, path, sha256 } of files)
    if (kind === 'attachment' && !uploaded.has(sha256))
      say('fault', path, 'not_in_log', `${PACK_FILES.log} tells of no upload with its hash`)
}
