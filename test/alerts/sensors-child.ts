import { connectPostgres } from '../../adapters/postgres/database.ts'
import { silentLog } from '../support/log.ts'
import { packet, sensorSite } from './sensors-fixture.ts'

// Takes readings in, for tests that kill it: over the limit for six minutes, then not.

const [url = '', die = 'never'] = process.argv.slice(2)
const kill = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive after SIGKILL')
}

const database = connectPostgres({ url, log: silentLog, max: 2 })
const { readings } = sensorSite(database, {
  onTransition: async () => {
    if (die === 'in_transaction') kill()
  },
})
for (const [minute, value] of [160, 160, 160, 160, 160, 160, 40].entries()) {
  await readings.receive([packet(minute, value)])
  if (die === 'after_commit' && minute === 3) kill()
}
await database[Symbol.asyncDispose]()
