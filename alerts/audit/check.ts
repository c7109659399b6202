import { openCheckpoint, type VerifierKey } from '../../core/audit/checkpoint.ts'
import { sameHash } from '../../core/audit/hash.ts'
import { type AuditedChange, auditTimeSql, goneLeaf, leafOf } from '../../core/audit/leaf.ts'
import type { AuditFinding } from '../../core/audit/log.ts'
import { nodesReadBy, readerOf, rootAt } from '../../core/audit/tree.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { readCheckpointFolder } from './files.ts'
import { readNodes } from './nodes.ts'

const BATCH = 1_000
/** More findings than this say nothing more. */
const MAX_FINDINGS = 50

interface CheckDeps {
  readonly database: Database
  readonly clock: Clock
  readonly verifier: VerifierKey
  readonly folder: string
}

/**
 * Checks the tree: the newest `checkpoints` of the folder and of the table against its nodes, and the rows of the newest
 * `leaves` positions against their leaves. Writes what it found to `audit_checks`, and answers it: [] is well.
 */
export async function checkTree(
  { database, clock, verifier, folder }: CheckDeps,
  most: { readonly checkpoints: number; readonly leaves: number },
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly AuditFinding[]> {
  const findings: AuditFinding[] = []
  const add = (found: AuditFinding) => {
    if (findings.length < MAX_FINDINGS) findings.push(found)
  }
  const size = await treeSize(database)
  const inFiles = await notesOf(folder, add)
  const { rows } = await database.query<{ note: string }>(
    'select note from audit_checkpoints order by size desc limit $1',
    [most.checkpoints],
  )
  const notes = new Set([...inFiles.slice(-most.checkpoints), ...rows.map(({ note }) => note)])
  for (const note of notes) await checkNote(database, note, verifier, size, add)
  for (let from = Math.max(0, size - most.leaves); from < size && !signal.aborted; from += BATCH)
    await checkLeaves(database, from, Math.min(size, from + BATCH), add)
  if (signal.aborted) return findings
  await database.query(
    `insert into audit_checks (at, findings) values ($1, $2)
     on conflict (only_row) do update set at = excluded.at, findings = excluded.findings`,
    [new Date(clock.now()), JSON.stringify(findings)],
  )
  return findings
}

async function treeSize(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ size: string }>('select size::text as size from audit_head')
  return Number(rows[0]?.size ?? 0)
}

async function notesOf(folder: string, add: (found: AuditFinding) => void): Promise<readonly string[]> {
  try {
    return (await readCheckpointFolder(folder)).notes
  } catch (error) {
    add({ code: 'checkpoints_unreadable', pos: null, size: null, detail: toSharpEyesError(error).message })
    return []
  }
}

async function checkNote(
  database: Queryable,
  note: string,
  verifier: VerifierKey,
  size: number,
  add: (found: AuditFinding) => void,
): Promise<void> {
  const opened = openCheckpoint(note, verifier)
  if (!opened.ok) {
    add({
      code: 'checkpoint_forged',
      pos: null,
      size: null,
      detail: `${opened.fault}: ${note.slice(0, 120)}`,
    })
    return
  }
  const { checkpoint } = opened
  const facts = { pos: null, size: checkpoint.size }
  if (checkpoint.size > size) {
    add({
      code: 'truncated',
      ...facts,
      detail: `the checkpoint has ${checkpoint.size} entries, the log ${size}`,
    })
    return
  }
  const work = (read: Parameters<typeof rootAt>[1]) => rootAt(checkpoint.size, read)
  const nodes = await readNodes(database, nodesReadBy(work))
  try {
    if (!sameHash(work(readerOf(nodes)), checkpoint.root))
      add({
        code: 'root_differs',
        ...facts,
        detail: `the log is not the one that was signed at ${checkpoint.at}`,
      })
  } catch (error) {
    add({ code: 'node_missing', ...facts, detail: toSharpEyesError(error).message })
  }
}

/** Rows that retention deleted are passed over: their leaves are all that is left of them. */
async function checkLeaves(
  database: Queryable,
  from: number,
  to: number,
  add: (found: AuditFinding) => void,
): Promise<void> {
  const { rows } = await database.query<
    Omit<AuditedChange, 'at'> & { at: string | null; hash: Buffer | null; whole: boolean }
  >(
    `select p.pos::text as pos, ${auditTimeSql('c.at')} as at, c.topic, c.key, c.payload, n.hash,
            p.pos > (select whole_after from change_retention) as whole
       from generate_series($1::bigint, $2::bigint) as p (pos)
       left join changes c on c.pos = p.pos
       left join audit_nodes n on n.level = 0 and n.index = p.pos - 1 order by p.pos`,
    [from + 1, to],
  )
  for (const { at, hash, whole, ...row } of rows) {
    const facts = { pos: row.pos, size: null }
    if (!hash) add({ code: 'node_missing', ...facts, detail: `entry ${row.pos} has no leaf in the tree` })
    else if (at === null) {
      if (whole && !sameHash(hash, goneLeaf(row.pos)))
        add({
          code: 'row_missing',
          ...facts,
          detail: `entry ${row.pos} is gone, and retention did not take it`,
        })
    } else if (!sameHash(leafOf({ ...row, at }), hash))
      add({ code: 'row_changed', ...facts, detail: `entry ${row.pos} is not what was written` })
  }
}
