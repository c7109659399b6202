import { type Hash, hexOf } from '../../core/audit/hash.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { PackChange, PackProofs } from '../../core/pack/documents.ts'
import type { PackProver } from '../../core/pack/prover.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { findExport, hasUnpositioned } from './gather.ts'

/** Positions come within 5 s (invariant 9); a checkpoint may take as long. */
const WAIT_MS = 15_000
const POLL_MS = 100

async function waitFor<T>(clock: Clock, look: () => Promise<T | null>, what: string): Promise<T> {
  const until = clock.now() + WAIT_MS
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (clock.now() >= until) {
      throw new SharpEyesError(
        'not_ready',
        `${what} within ${WAIT_MS / 1000} s: look at the health of the alerting role, then export again`,
        { details: { retryAfterSeconds: 30 } },
      )
    }
    await clock.sleep(POLL_MS)
  }
}

/** Resolves when every change of the matter has its place in the log. */
export const waitForPositions = async (
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  no: string,
  alertId: string | null,
): Promise<void> => {
  await waitFor(
    clock,
    async () => ((await hasUnpositioned(database, no, alertId)) ? null : true),
    `changes of case ${no} did not get their positions`,
  )
}

/** The documents that prove the changes and the export of the manifest. */
export interface Proven {
  readonly proofs: PackProofs
  readonly checkpoint: string
  readonly key: string
}

/** Waits for the change that exported the manifest, and for a checkpoint that covers it. */
export async function proveExport(
  {
    database,
    clock,
    prover,
  }: { readonly database: Database; readonly clock: Clock; readonly prover: PackProver },
  no: string,
  manifest: string,
  changes: readonly PackChange[],
): Promise<Proven> {
  const exported = await waitFor(
    clock,
    () => findExport(database, no, manifest),
    'the export did not get its place in the change log',
  )
  const positions = [...changes.map(({ pos }) => pos), exported.pos]
  const { checkpoint, key, size, root, paths } = await waitFor(
    clock,
    () => prover.prove(positions),
    'no checkpoint of the audit tree came that covers the export',
  )
  const pathOf = (pos: string): string[] => {
    const path: readonly Hash[] | undefined = paths.get(pos)
    if (!path) throw new SharpEyesError('internal', `the audit tree gave no proof of change ${pos}`)
    return path.map(hexOf)
  }
  return {
    proofs: {
      size,
      root: hexOf(root),
      changes: changes.map(({ pos }) => ({ pos, path: pathOf(pos) })),
      export: { change: exported, path: pathOf(exported.pos) },
    },
    checkpoint,
    key: `${key}\n`,
  }
}
