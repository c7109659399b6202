import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { signCheckpoint, verifierText } from '../../core/audit/checkpoint.ts'
import { auditTimeSql, leafOf } from '../../core/audit/leaf.ts'
import { proveInclusion } from '../../core/audit/proof.ts'
import { appendLeaves, readerOf, rootAt } from '../../core/audit/tree.ts'
import type { PackChange } from '../../core/pack/documents.ts'
import type { PackProver } from '../../core/pack/prover.ts'
import type { Queryable } from '../../core/ports.ts'

/** The tree of whatever the change log has, made anew for each question, with a key of its own. */
export function createTreeProver(
  database: () => Queryable,
  key: KeyObject = generateKeyPairSync('ed25519').privateKey,
  origin = 'test.example/log',
): PackProver {
  return {
    async prove(positions) {
      const { rows } = await database().query<PackChange>(
        `select pos::text as pos, ${auditTimeSql('at')} as at, topic, key, payload from changes
          where pos is not null order by changes.pos`,
      )
      const size = rows.length
      if (positions.some((pos) => Number(pos) > size)) return null
      const read = readerOf(
        appendLeaves(0, rows.map(leafOf), () => {
          throw new Error('an empty tree has no nodes')
        }),
      )
      const root = rootAt(size, read)
      return {
        size,
        root,
        checkpoint: signCheckpoint({ origin, size, root, at: new Date().toISOString() }, key),
        key: verifierText(origin, key),
        paths: new Map(positions.map((pos) => [pos, proveInclusion(Number(pos) - 1, size, read)])),
      }
    },
  }
}
