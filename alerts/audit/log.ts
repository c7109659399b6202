import { hexOf } from '../../core/audit/hash.ts'
import { type AuditedChange, auditTimeSql } from '../../core/audit/leaf.ts'
import type { AuditCheckpoint, AuditFinding, AuditLog } from '../../core/audit/log.ts'
import { proveConsistency, proveInclusion } from '../../core/audit/proof.ts'
import { rootAt } from '../../core/audit/tree.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { readNodes, withNodes } from './nodes.ts'

const CHECKPOINT_COLUMNS = "size::float8 as size, origin, encode(root, 'hex') as root, at, note"
const MAX_LIST = 200

/** The audit tree as the database has it. `verifier`: C2SP verifier key of the checkpoints; null: not known here. */
export function createAuditLog(deps: { database: Database; verifier: string | null }): AuditLog {
  const { database, verifier } = deps
  const newest = async (reach = 0): Promise<AuditCheckpoint | null> => {
    const { rows } = await database.query<AuditCheckpoint>(
      `select ${CHECKPOINT_COLUMNS} from audit_checkpoints where size >= $1 order by size desc limit 1`,
      [reach],
    )
    return rows[0] ?? null
  }
  return {
    verifier,
    async head() {
      const { rows } = await database.query<{
        size: number
        pos: number
        at: Date | null
        findings: AuditFinding[] | null
      }>(
        `select h.size::float8 as size, c.pos::float8 as pos, k.at, k.findings
           from audit_head h cross join change_head c left join audit_checks k on true`,
      )
      const { size = 0, pos = 0, at = null, findings = null } = rows[0] ?? {}
      const root = await withNodes(database, (read) => rootAt(size, read)).then(hexOf, () => null)
      const found: AuditFinding[] = [...(findings ?? [])]
      if (root === null)
        found.push({
          code: 'node_missing',
          pos: null,
          size,
          detail: `the tree of ${size} entries lacks a node`,
        })
      if (size > pos)
        found.push({
          code: 'truncated',
          pos: null,
          size,
          detail: `the tree has ${size} entries, the log ${pos}`,
        })
      const state = found.length > 0 ? 'broken' : size < pos ? 'behind' : at === null ? 'unchecked' : 'whole'
      return { size, pos, root, state, findings: found, checkedAt: at, checkpoint: await newest() }
    },
    checkpoint: newest,
    async checkpoints({ before, limit }) {
      const { rows } = await database.query<AuditCheckpoint>(
        `select ${CHECKPOINT_COLUMNS} from audit_checkpoints where size < $1 order by size desc limit $2`,
        [before ?? Number.MAX_SAFE_INTEGER, Math.min(limit, MAX_LIST)],
      )
      return rows
    },
    async inclusion(pos, size) {
      const index = Number(pos) - 1
      if (!/^[1-9]\d{0,15}$/.test(pos) || index >= size)
        throw new SharpEyesError('not_found', `position ${pos} is not in a tree of ${size} entries`)
      const [leaf] = await readNodes(database, [{ level: 0, index }])
      if (!leaf) throw new SharpEyesError('not_found', `position ${pos} has no leaf in the tree`)
      const path = await withNodes(database, (read) => proveInclusion(index, size, read))
      return { pos, size, leaf: hexOf(leaf.hash), path: path.map(hexOf) }
    },
    async consistency(from, to) {
      const path = await withNodes(database, (read) => proveConsistency(from, to, read))
      return { from, to, path: path.map(hexOf) }
    },
    async change(pos) {
      const { rows } = await database.query<AuditedChange>(
        `select c.pos::text as pos, ${auditTimeSql('c.at')} as at, c.topic, c.key, c.payload
           from changes c where c.pos = $1::bigint`,
        [pos],
      )
      return rows[0] ?? null
    },
    async changes(matters) {
      const { rows } = await database.query<AuditedChange>(
        `select c.pos::text as pos, ${auditTimeSql('c.at')} as at, c.topic, c.key, c.payload
           from unnest($1::text[], $2::text[]) as m (topic, key)
           join changes c on c.topic = m.topic and c.key = m.key
          where c.pos is not null order by c.pos`,
        [matters.map(({ topic }) => topic), matters.map(({ key }) => key)],
      )
      return rows
    },
  }
}
