import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Admin, KafkaMessage } from 'kafkajs'
import { createKafkaClient } from '../../adapters/kafka/client.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import { type KafkaBroker, startKafka } from '../../deploy/kafka/broker.ts'
import { KAFKA_JARS } from '../../deploy/kafka/fetch.ts'
import { silentLog } from './log.ts'
import { missingService, onPath } from './services.ts'
import { tempFolder } from './temp-folder.ts'

/** Of a test that starts and kills brokers, on a machine that may be busy with other things. */
export const KAFKA_TEST_MS = 300_000

/** For `describe.skipIf`. */
export const kafkaMissing = (): boolean =>
  missingService(
    'Apache Kafka (java, and its jars or mvn to fetch them)',
    onPath('java') && (existsSync(KAFKA_JARS) || onPath('mvn')),
  )

export interface TestKafka extends AsyncDisposable {
  readonly broker: KafkaBroker
  readonly settings: KafkaSettings
}

/** A real Kafka of its own with the topics of the bus, on a free port and a temporary folder. */
export async function startTestKafka(): Promise<TestKafka> {
  const folder = await tempFolder()
  const broker = await startKafka({ folder: folder.path, heap: '384m' })
  const settings: KafkaSettings = { brokers: broker.brokers, tls: false, sasl: null, replication: 1 }
  await migrateTopics(settings, silentLog)
  return {
    broker,
    settings,
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const clientOf = (settings: KafkaSettings) =>
  createKafkaClient(settings, { clientId: 'test', log: silentLog, requestTimeoutMs: 30_000 })

/** Asks the broker something about itself. */
export async function askKafka<T>(settings: KafkaSettings, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = clientOf(settings).admin()
  await admin.connect()
  try {
    return await ask(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Reads a topic from its beginning, by a group of their own, until there are so many messages, or enough. */
export async function readTopic(
  settings: KafkaSettings,
  topic: string,
  wanted: number | ((messages: readonly KafkaMessage[]) => boolean),
  withinMs = 60_000,
): Promise<readonly KafkaMessage[]> {
  const consumer = clientOf(settings).consumer({
    groupId: `test-${randomBytes(6).toString('hex')}`,
    maxWaitTimeInMs: 100,
  })
  const isEnough = typeof wanted === 'number' ? () => messages.length === wanted : wanted
  const messages: KafkaMessage[] = []
  const enough = Promise.withResolvers<void>()
  const late = setTimeout(
    () =>
      enough.reject(new Error(`${messages.length} messages of ${topic} in ${withinMs} ms were not enough`)),
    withinMs,
  )
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      async eachMessage({ message }) {
        messages.push(message)
        if (isEnough(messages)) enough.resolve()
      },
    })
    await enough.promise
    return [...messages]
  } finally {
    clearTimeout(late)
    await consumer.disconnect()
  }
}
