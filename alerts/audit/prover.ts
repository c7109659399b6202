import { hashFromHex } from '../../core/audit/hash.ts'
import { proveInclusion } from '../../core/audit/proof.ts'
import type { PackProver } from '../../core/pack/prover.ts'
import type { Database } from '../../core/ports/database.ts'
import { createAuditLog } from './log.ts'
import { withNodes } from './nodes.ts'

/** Whoever waits for a checkpoint asks for one here; the process that signs listens. */
export const CHECKPOINT_WANTED = 'audit_checkpoint'

/** Proofs for packs against the newest checkpoint; one that does not reach far enough yet is asked for. */
export function createPackProver(deps: {
  readonly database: Database
  readonly verifier: string
}): PackProver {
  const { database, verifier } = deps
  const log = createAuditLog({ database, verifier })
  return {
    async prove(positions) {
      const reach = Math.max(0, ...positions.map(Number))
      const found = await log.checkpoint(reach)
      const root = hashFromHex(found?.root ?? '')
      if (!found || !root) {
        await database.query('select pg_notify($1, $2)', [CHECKPOINT_WANTED, ''])
        return null
      }
      const { size, note } = found
      const paths = await withNodes(
        database,
        (read) => new Map(positions.map((pos) => [pos, proveInclusion(Number(pos) - 1, size, read)])),
      )
      return { checkpoint: note, key: verifier, size, root, paths }
    },
  }
}
