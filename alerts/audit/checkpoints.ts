import type { KeyObject } from 'node:crypto'
import { type Checkpoint, signCheckpoint } from '../../core/audit/checkpoint.ts'
import { rootAt } from '../../core/audit/tree.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { appendNotes, readMonth } from './files.ts'
import { withNodes } from './nodes.ts'

export interface CheckpointDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  /** Ed25519, private. */
  readonly key: KeyObject
  readonly origin: string
  /** Outside the database. */
  readonly folder: string
  /** Another disk or a share that can only be written once; null: none. */
  readonly secondFolder: string | null
}

/** Any number will do as long as it is always this one. */
const CHECKPOINT_LOCK = 7_382_140_613
/** So many new leaves get a checkpoint at once, whatever the time. */
export const LEAVES_PER_CHECKPOINT = 1_000

/**
 * Signs a checkpoint of the tree as it is, when it has grown since the last one and that is `everyMs` old or
 * `LEAVES_PER_CHECKPOINT` behind. First the file, then the row: a row never names what is not outside. Answers what was
 * written; null: none was due, or another process is at it.
 */
export async function checkpointOnce(deps: CheckpointDeps, everyMs: number): Promise<Checkpoint | null> {
  const { database, clock, key, origin, folder } = deps
  return database.transaction(async (tx) => {
    const lock = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      CHECKPOINT_LOCK,
    ])
    if (!lock.rows[0]?.mine) return null
    const { rows } = await tx.query<{ size: string; last: string; at: Date | null }>(
      `select h.size::text as size, coalesce(l.size, 0)::text as last, l.at
         from audit_head h left join (select size, at from audit_checkpoints order by size desc limit 1) l on true`,
    )
    const [size, last, at] = [Number(rows[0]?.size), Number(rows[0]?.last), rows[0]?.at ?? null]
    const grown = size - last
    if (grown <= 0) return null
    if (grown < LEAVES_PER_CHECKPOINT && at !== null && clock.now() - at.getTime() < everyMs) return null
    const time = new Date(clock.now()).toISOString()
    const root = await withNodes(tx, (read) => rootAt(size, read))
    const checkpoint: Checkpoint = { origin, size, root, at: time }
    const note = signCheckpoint(checkpoint, key)
    await appendNotes(folder, time.slice(0, 7), [note])
    await tx.query(
      'insert into audit_checkpoints (size, origin, root, at, note) values ($1, $2, $3, $4, $5)',
      [size, origin, Buffer.from(root), time, note],
    )
    return checkpoint
  })
}

/** Brings the second folder up to the first, this month. Answers whether it could; a failure is logged. */
export async function copyToSecond({ clock, log, folder, secondFolder }: CheckpointDeps): Promise<boolean> {
  if (secondFolder === null) return true
  const month = new Date(clock.now()).toISOString().slice(0, 7)
  try {
    await appendNotes(secondFolder, month, await readMonth(folder, month))
    return true
  } catch (error) {
    log.error(
      { folder: secondFolder, error: toSharpEyesError(error).message },
      'CHECKPOINT_FOLDER: checkpoints cannot be written there; tried again with the next one',
    )
    return false
  }
}
