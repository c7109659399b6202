import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { systemClock } from '../../adapters/clock.ts'
import { type ControlLink, createControlLink } from '../../adapters/control/link.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import type { EvidenceShelf } from '../../adapters/evidence-store/shelf.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { addWorkerToken, createWorkerTokens } from '../../adapters/postgres/workers.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { Database } from '../../core/ports/database.ts'
import type { PictureWork } from '../../core/ports/pictures.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { problemHandler } from '../../dashboard-api/http/problems.ts'
import { createWorkerApi, type WorkerApiDeps } from '../../dashboard-api/workers/router.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'

export interface WorkerServer extends AsyncDisposable {
  readonly url: string
  readonly evidence: EvidenceShelf
  /** A link with a token of its own, in the database of the server. */
  link(name: string, instance?: string): Promise<ControlLink>
}

const noPictures: PictureWork = {
  next: async () => null,
  done: async () => undefined,
  failed: async () => undefined,
  unneeded: async () => [],
}

/** A real HTTP server with the real worker API on a real database. */
export async function startWorkerServer(options: {
  readonly database: Database
  readonly settleMs?: number
  readonly log?: Log
  readonly more?: Partial<Omit<WorkerApiDeps, 'evidence'>>
}): Promise<WorkerServer> {
  const { database, settleMs = 0, log = silentLog } = options
  const folder = await tempFolder()
  const evidence = createDiskEvidenceStore(join(folder.path, 'evidence'))
  const metrics = recordingMetrics()
  const inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics })
  const app = express()
  app.use(
    '/api/worker',
    createWorkerApi({
      controlPlane: createControlPlane(database, { settleMs }),
      tokens: createWorkerTokens(database),
      transport: createDirectTransport({ 'hazard.events.v1': inbox }),
      evidence,
      pictures: noPictures,
      uploadFolder: join(folder.path, 'uploads'),
      version: '0.1.0',
      clock: systemClock,
      log,
      metrics,
      ...options.more,
    }),
  )
  app.use(problemHandler(log))
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    evidence,
    link: async (name, instance = 'one') =>
      createControlLink({
        url,
        token: await addWorkerToken(database, name, 'test'),
        instance,
        version: '0.1.7',
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A database whose server is not there: nobody listens on port 1. */
export const databaseThatIsAway = () =>
  connectPostgres({ url: 'postgres://nobody@127.0.0.1:1/none', log: silentLog, max: 2 })
