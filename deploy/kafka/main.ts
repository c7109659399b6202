// `npx node deploy/kafka/main.ts --port 9092 --data DIR` (the project's own Node): a real Kafka of one node, until Ctrl+C.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { toSharpEyesError } from '../../core/errors.ts'
import { startKafka } from './broker.ts'
import { KAFKA_VERSION } from './fetch.ts'

const HELP = `usage: npx node deploy/kafka/main.ts [--port 9092] [--data data/kafka] [--heap 512m]

Starts Apache Kafka ${KAFKA_VERSION} on 127.0.0.1 (needs Java; the first time also Maven and the network).
  KAFKA_BROKERS=127.0.0.1:9092 npx sharp-eyes migrate   makes the topics
`

try {
  await run()
} catch (error) {
  process.stderr.write(`kafka: ${toSharpEyesError(error).message}\n`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '9092' },
      data: { type: 'string', default: 'data/kafka' },
      heap: { type: 'string', default: '512m' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const folder = resolve(values.data)
  await using broker = await startKafka({ folder, port: portOf(values.port), heap: values.heap })
  process.stdout.write(
    `Kafka ${KAFKA_VERSION} is at ${broker.brokers[0]} (data: ${folder}). Ctrl+C stops it.\n`,
  )
  const asked = new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop())
  })
  await Promise.race([asked, broker.exited()])
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`--port ${text}: a whole number from 1 to 65535`)
}
