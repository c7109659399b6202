// Reads hazard events until it has committed some to the database, and is killed before its place in the topic moves.
import { systemClock } from '../../adapters/clock.ts'
import { createBusConsumer } from '../../adapters/kafka/consumer.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

const [broker = '', url = '', group = ''] = process.argv.slice(2)
const metrics = recordingMetrics()
const common = { clock: systemClock, log: silentLog, metrics }
const database = connectPostgres({ url, log: silentLog })
const inbox = createInbox({ database, ...common })
const consumer = createBusConsumer({
  settings: { brokers: [broker], tls: false, sasl: null, replication: 1 },
  group,
  receivers: {
    'hazard.events.v1': {
      async receive(messages) {
        await inbox.receive(messages)
        process.kill(process.pid, 'SIGKILL')
        return []
      },
    },
  },
  producer: { produceRaw: () => Promise.reject(new Error('nothing is refused here')) },
  ...common,
  sessionMs: 3_000,
})
await consumer.run(new AbortController().signal)
