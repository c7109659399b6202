import { systemClock } from '../../adapters/clock.ts'
import { createHttpControlPlane } from '../../adapters/control/http.ts'
import { createControlLink } from '../../adapters/control/link.ts'
import { makeWorkerToken } from '../../adapters/control/token.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import type { ControlPlane } from '../../core/ports/control.ts'
import { controlPlaneContract } from '../contract/control-plane.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { databaseThatIsAway, startWorkerServer } from './control-server.ts'

controlPlaneContract('in one process', async ({ settleMs }) => {
  const database = await createTestDatabase()
  const nobody = databaseThatIsAway()
  return {
    database,
    worker: async (label) => ({ plane: createControlPlane(database, { settleMs }), name: label }),
    away: async () => createControlPlane(nobody),
    async [Symbol.asyncDispose]() {
      await nobody[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
})

controlPlaneContract('over HTTP', async ({ settleMs }) => {
  const database = await createTestDatabase()
  const nobody = databaseThatIsAway()
  const server = await startWorkerServer({ database, settleMs })
  const broken = await startWorkerServer({ database: nobody })
  const workers = new Map<string, Promise<{ plane: ControlPlane; name: string }>>()
  const client = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const open = async (label: string) => {
    const link = await server.link(label)
    return { plane: createHttpControlPlane({ link, ...client }), name: link.worker }
  }
  return {
    database,
    worker: (label) => {
      const known = workers.get(label) ?? open(label)
      workers.set(label, known)
      return known
    },
    away: async () => {
      const link = createControlLink({
        url: broken.url,
        token: makeWorkerToken('a'),
        instance: 'one',
        version: '0.1.0',
      })
      return createHttpControlPlane({ link, ...client })
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await broken[Symbol.asyncDispose]()
      await nobody[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
})
