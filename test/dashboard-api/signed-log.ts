import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { checkpointOnce } from '../../alerts/audit/checkpoints.ts'
import { CHECKPOINT_WANTED, createPackProver } from '../../alerts/audit/prover.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { verifierText } from '../../core/audit/checkpoint.ts'
import type { PackProver } from '../../core/pack/prover.ts'
import type { Database } from '../../core/ports/database.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

export const ORIGIN = 'test.example/log'

/** A key, and the prover that packs ask; made before the database is there. */
export function createLogKey(database: () => Database) {
  const key = generateKeyPairSync('ed25519').privateKey
  const verifier = verifierText(ORIGIN, key)
  const prover: PackProver = {
    prove: (positions) => createPackProver({ database: database(), verifier }).prove(positions),
  }
  return { key, prover }
}

/** What the alerting role does for the log: positions with their leaves, and a checkpoint when one is asked for. */
export async function keepLog(
  database: Database,
  { key }: Pick<ReturnType<typeof createLogKey>, 'key'>,
  folder: string,
): Promise<AsyncDisposable> {
  const stop = new AbortController()
  const deps = { database, clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const sequencing = runSequencer({ ...deps, signal: stop.signal })
  const checkpoints = {
    ...deps,
    key,
    origin: ORIGIN,
    folder: join(folder, 'checkpoints'),
    secondFolder: null,
  }
  let signing: Promise<unknown> = Promise.resolve()
  const asked = await database.listen(CHECKPOINT_WANTED, () => {
    signing = signing.then(() => checkpointOnce(checkpoints, 0))
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await asked[Symbol.asyncDispose]()
      await Promise.all([sequencing, signing])
    },
  }
}
