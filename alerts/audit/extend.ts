import type { Hash } from '../../core/audit/hash.ts'
import { type AuditedChange, auditTimeSql, goneLeaf, leafOf } from '../../core/audit/leaf.ts'
import { appendLeaves, peaksOf, readerOf } from '../../core/audit/tree.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { insertNodes, readNodes } from './nodes.ts'

/** `behind`: positions wait for their leaves still. `damaged`: it cannot be extended; positions go on without it. */
export type TreeState = 'whole' | 'behind' | 'damaged'

const MAX_LEAVES = 1_000

interface Heads {
  readonly size: string
  readonly founded: string
  readonly pos: string
}

/**
 * Appends the leaves of positions that have none yet, at most `MAX_LEAVES`, in the transaction of the sequencer and under
 * its lock. `given`: the changes that got their positions in it, in order; what lies before them is read.
 */
export async function extendTree(tx: Queryable, given: readonly AuditedChange[]): Promise<TreeState> {
  const { rows } = await tx.query<Heads>(
    'select t.size::text as size, t.founded::text as founded, c.pos::text as pos from audit_head t, change_head c',
  )
  const [size, founded, head] = [Number(rows[0]?.size), Number(rows[0]?.founded), Number(rows[0]?.pos)]
  if (size === head) return 'whole'
  if (!Number.isSafeInteger(head) || size > head) return 'damaged'
  const changes = given[0]?.pos === String(size + 1) ? given : await changesAfter(tx, size)
  const leaves = leavesFrom(size, Math.min(head, size + MAX_LEAVES), founded, changes)
  const peaks = peaksOf(size)
  const nodes = await readNodes(tx, peaks)
  if (leaves.length === 0 || nodes.length < peaks.length) return 'damaged'
  await insertNodes(tx, leaves.length, appendLeaves(size, leaves, readerOf(nodes)))
  return size + leaves.length === head ? 'whole' : 'behind'
}

async function changesAfter(tx: Queryable, size: number): Promise<readonly AuditedChange[]> {
  const { rows } = await tx.query<AuditedChange>(
    `select pos::text as pos, ${auditTimeSql('at')} as at, topic, key, payload from changes
      where pos > $1::bigint and pos <= $1::bigint + $2 order by changes.pos`,
    [String(size), MAX_LEAVES],
  )
  return rows
}

/** Leaves of the positions after `size` up to `end`; ends before a position that should have its row and has none. */
function leavesFrom(
  size: number,
  end: number,
  founded: number,
  changes: readonly AuditedChange[],
): readonly Hash[] {
  const byPos = new Map(changes.map((change) => [change.pos, change]))
  const leaves: Hash[] = []
  for (let pos = size + 1; pos <= end; pos += 1) {
    const change = byPos.get(String(pos))
    if (!change && pos > founded) break
    leaves.push(change ? leafOf(change) : goneLeaf(String(pos)))
  }
  return leaves
}
