import { migrate } from '../../adapters/postgres/migrate.ts'
import { silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { createTimescaleDatabase } from '../support/timescale.ts'
import { historyContract } from './history-contract.ts'

historyContract({
  name: 'PostgreSQL: day partitions',
  mode: 'native_partitions',
  open: createTestDatabase,
})
historyContract({
  name: 'TimescaleDB: hypertables, continuous aggregates, compression',
  mode: 'hypertable_full',
  open: async () => {
    const database = await createTimescaleDatabase()
    await migrate(database, silentLog)
    return database
  },
})
historyContract({
  name: 'TimescaleDB under the licence apache: hypertables, our own counting',
  mode: 'hypertable_apache',
  open: async () => {
    const database = await createTimescaleDatabase({ licence: 'apache' })
    await migrate(database, silentLog)
    return database
  },
})
