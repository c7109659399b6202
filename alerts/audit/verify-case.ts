import { type Checkpoint, openCheckpoint, type VerifierKey } from '../../core/audit/checkpoint.ts'
import { hashFromHex, hexOf } from '../../core/audit/hash.ts'
import { leafOf } from '../../core/audit/leaf.ts'
import type { AuditLog } from '../../core/audit/log.ts'
import { verifyConsistency, verifyInclusion } from '../../core/audit/proof.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { readCheckpointFolder } from './files.ts'
import { createAuditLog } from './log.ts'

export interface CaseReport {
  readonly case: string
  readonly ok: boolean
  /** Of the checkpoint that everything is proved against; null: none. */
  readonly size: number | null
  /** `note`: said, but nothing wrong; not proved. */
  readonly findings: readonly { readonly level: Level; readonly text: string }[]
}

type Level = 'ok' | 'note' | 'fault'
type Say = (level: Level, text: string) => void

/** What is compared among each other: the newest, and this many before it, spread over all. */
const MAX_CHECKPOINTS = 50

/**
 * Checks a case against the signed checkpoints outside the database: each of its entries and of its alert by an
 * inclusion proof, the checkpoints by consistency proofs. The leaf is made anew from the row; nothing that the database
 * says of hashes is believed. Throws `not_found` when there is no such case.
 */
export async function verifyCase(
  deps: { readonly database: Database; readonly verifier: VerifierKey; readonly folder: string },
  no: string,
): Promise<CaseReport> {
  const { database, verifier, folder } = deps
  const { rows } = await database.query<{ alert: string | null }>(
    'select alert_id::text as alert from cases where no = $1',
    [no],
  )
  if (!rows[0]) throw new SharpEyesError('not_found', `case ${no}: is not there`)
  const findings: { level: Level; text: string }[] = []
  const say: Say = (level, text) => findings.push({ level, text })
  const audit = createAuditLog({ database, verifier: null })
  const checkpoints = await signedCheckpoints(folder, verifier, say)
  const newest = checkpoints.at(-1) ?? null
  if (!newest)
    say(
      'fault',
      `${folder}: has no checkpoint that is signed with this key; the next one is written within minutes`,
    )
  else {
    const { size } = await audit.head()
    if (newest.size > size)
      say(
        'fault',
        `the log has ${size} entries, the checkpoint of ${newest.at} has ${newest.size}: entries are missing at its end`,
      )
    await proveCheckpoints(audit, checkpoints, size, say)
    const { alert } = rows[0]
    await proveEntries(
      audit,
      [{ topic: 'case', key: no }, ...(alert ? [{ topic: 'alert', key: alert }] : [])],
      newest,
      say,
    )
  }
  return {
    case: no,
    ok: findings.every(({ level }) => level !== 'fault'),
    size: newest?.size ?? null,
    findings,
  }
}

/** By size; those whose signature is wrong are findings. */
async function signedCheckpoints(
  folder: string,
  verifier: VerifierKey,
  say: Say,
): Promise<readonly Checkpoint[]> {
  const { notes, damaged } = await readCheckpointFolder(folder)
  if (damaged > 0)
    say('note', `${damaged} checkpoints were cut off while they were written; they are passed over`)
  const opened = notes.map((note) => ({ note, opened: openCheckpoint(note, verifier) }))
  for (const { note, opened: found } of opened)
    if (!found.ok)
      say(
        'fault',
        `a checkpoint is not signed with this key (${found.fault}): ${note.split('\n', 2).join(' ')}`,
      )
  return opened
    .flatMap(({ opened: found }) => (found.ok ? [found.checkpoint] : []))
    .sort((a, b) => a.size - b.size)
}

async function proveCheckpoints(
  audit: AuditLog,
  checkpoints: readonly Checkpoint[],
  size: number,
  say: Say,
): Promise<void> {
  const within = checkpoints.filter((one) => one.size <= size)
  const every = Math.max(1, Math.ceil(within.length / MAX_CHECKPOINTS))
  const chosen = within.filter((_, i) => (within.length - 1 - i) % every === 0)
  let wrong = 0
  for (const [i, to] of chosen.entries()) {
    const from = chosen[i - 1]
    if (!from) continue
    const good = await audit.consistency(from.size, to.size).then(
      ({ path }) =>
        verifyConsistency({
          from: from.size,
          to: to.size,
          fromRoot: from.root,
          toRoot: to.root,
          path: bytes(path),
        }),
      () => false,
    )
    if (good) continue
    wrong += 1
    say(
      'fault',
      `the checkpoint of ${to.size} entries (${to.at}) does not continue that of ${from.size} (${from.at})`,
    )
  }
  if (wrong === 0 && chosen.length > 0)
    say(
      'ok',
      `${chosen.length} of ${checkpoints.length} checkpoints continue each other, up to ${chosen.at(-1)?.size} entries`,
    )
}

async function proveEntries(
  audit: AuditLog,
  matters: readonly { topic: string; key: string }[],
  { size, root, at }: Checkpoint,
  say: Say,
): Promise<void> {
  const changes = await audit.changes(matters)
  if (changes.length === 0) say('fault', 'the log has no entry of this case')
  for (const change of changes) {
    const name = `entry ${change.pos} ${change.topic} ${change.key} of ${change.at}`
    if (Number(change.pos) > size) {
      say('note', `${name}: is newer than the last checkpoint of ${at}; the next one covers it`)
      continue
    }
    const leaf = leafOf(change)
    try {
      const proof = await audit.inclusion(change.pos, size)
      const claim = { index: Number(change.pos) - 1, size, leaf, root, path: bytes(proof.path) }
      if (verifyInclusion(claim)) say('ok', `${name}: is in the checkpoint of ${size} entries`)
      else if (proof.leaf !== hexOf(leaf)) say('fault', `${name}: was changed after it was written`)
      else say('fault', `${name}: is not in the checkpoint of ${size} entries`)
    } catch (error) {
      say('fault', `${name}: ${toSharpEyesError(error).message}`)
    }
  }
}

/** What is no hash becomes an empty one, which no proof takes. */
const bytes = (path: readonly string[]) => path.map((hash) => hashFromHex(hash) ?? new Uint8Array())
