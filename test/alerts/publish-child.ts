import { writeSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { publishOnce, runPublisher } from '../../alerts/changes/publish.ts'
import type { BusProducer } from '../../core/ports/messages.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// A publisher for tests that kill it. What the broker has is what stands on standard output: a line a record.

/** `die_before` and `die_after` the broker has a batch · `flow`: until somebody kills it · `empty`: what waits, in peace. */
export type Plan = 'die_before' | 'die_after' | 'flow' | 'empty'

const [url = '', plan = ''] = process.argv.slice(2)
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive after SIGKILL')
}
const producer: BusProducer = {
  async produce(topic, records) {
    if (plan === 'die_before') die()
    for (const { key, value } of records) {
      const message = JSON.parse(Buffer.from(value).toString('utf8'))
      writeSync(1, `${JSON.stringify({ topic, key, message })}\n`)
    }
    if (plan === 'die_after') die()
  },
}
const database = connectPostgres({ url, log: silentLog, max: 2 })
const deps = { database, producer, clock: systemClock, log: silentLog, metrics: recordingMetrics() }
if (plan === 'flow') await runPublisher({ ...deps, signal: new AbortController().signal })
while ((await publishOnce(deps)).count > 0);
await database[Symbol.asyncDispose]()
