import { systemClock } from '../../adapters/clock.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { eventTransportContract, readingsReceiver } from '../contract/event-transport.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'

eventTransportContract(
  'direct',
  async () => {
    const database = await createTestDatabase()
    const inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
    return {
      transport: createDirectTransport({
        'hazard.events.v1': inbox,
        'sensor.readings.v1': await readingsReceiver(database),
      }),
      database,
      breakDown: async () => {
        await database.query('alter table alerts rename to alerts_away')
      },
      repair: async () => {
        await database.query('alter table alerts_away rename to alerts')
      },
      between: null,
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  },
  { hasLog: false },
)
