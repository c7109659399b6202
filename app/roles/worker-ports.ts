import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { createWorkerTokens } from '../../adapters/postgres/workers.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import type { Database } from '../../core/ports/database.ts'
import type { PictureWork } from '../../core/ports/pictures.ts'
import type { DashboardDeps } from '../../dashboard-api/deps.ts'
import type { OpenEvidence } from '../evidence.ts'
import type { Alerting } from './alerting.ts'

/** Workers that start together: for so long each takes only what it held before, so that the first does not take all. */
const SETTLE_MS = 4_000

/** What workers on other machines reach through a process that has the database. */
export function workerPorts(deps: {
  readonly database: Database
  readonly alerting: Alerting
  readonly evidence: OpenEvidence
  readonly pictures: PictureWork
}): NonNullable<DashboardDeps['workers']> {
  const { database, alerting, evidence, pictures } = deps
  return {
    controlPlane: createControlPlane(database, { settleMs: SETTLE_MS }),
    tokens: createWorkerTokens(database),
    transport: createDirectTransport(alerting.receivers),
    evidence: { put: (content) => evidence.store.put(content), has: evidence.has },
    pictures,
  }
}
