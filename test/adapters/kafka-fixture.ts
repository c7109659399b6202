import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { type BusConsumer, createBusConsumer } from '../../adapters/kafka/consumer.ts'
import { createBusProducer } from '../../adapters/kafka/producer.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { InboundTopic } from '../../core/topics.ts'
import { readingsReceiver } from '../contract/event-transport.ts'
import { runScript } from '../support/child.ts'
import { startTestKafka, type TestKafka } from '../support/kafka.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitUntil } from '../support/wait-until.ts'

export const GROUP = 'alerting'
/** Below what a broker takes by default: after a kill the next reader need not wait for long. */
export const SESSION_MS = 3_000

/** Readers of one group on a real Kafka and a real database, started and stopped as a test needs them. */
export interface BusFixture extends AsyncDisposable {
  readonly kafka: TestKafka
  readonly database: TestDatabase
  readonly metrics: ReturnType<typeof recordingMetrics>
  readonly producer: ReturnType<typeof createBusProducer>
  /** The real ones; of readings it is noted in which order they come. */
  readonly receivers: Readonly<Record<InboundTopic, MessageReceiver>>
  read(options?: Partial<ReaderOptions>): Reader
  /** Another process reads hazard events and is killed after its first commit to the database. */
  readAndDie(): { readonly died: Promise<NodeJS.Signals | null> }
}

export interface ReaderOptions {
  readonly receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>
  readonly log: Log
  readonly onRestart: (facts: { topic: string; reason: string }) => void
}

export interface Reader {
  readonly consumer: BusConsumer
  /** Resolves when it reads every topic. */
  reading(): Promise<void>
  stop(): Promise<void>
}

export async function openBus(): Promise<BusFixture> {
  const [kafka, database] = await Promise.all([startTestKafka(), createTestDatabase()])
  const metrics = recordingMetrics()
  const common = { clock: systemClock, log: silentLog, metrics }
  // Patient: a broker that has just started on a busy machine takes its time.
  const producer = createBusProducer({ settings: kafka.settings, ...common, timeoutMs: 15_000 })
  const receivers = {
    'hazard.events.v1': createInbox({ database, ...common }),
    'sensor.readings.v1': await readingsReceiver(database),
  }
  const readers = new Set<Reader>()
  return {
    ...{ kafka, database, metrics, producer, receivers },
    read(options = {}) {
      const running = new AbortController()
      const consumer = createBusConsumer({
        ...{ settings: kafka.settings, group: GROUP, receivers, producer, sessionMs: SESSION_MS },
        ...common,
        ...options,
      })
      const ended = consumer.run(running.signal)
      const reader: Reader = {
        consumer,
        reading: () =>
          waitUntil(
            'the reader reads',
            () => consumer.state().every(({ state }) => state === 'reading'),
            60_000,
          ),
        async stop() {
          running.abort()
          await ended
          readers.delete(reader)
        },
      }
      readers.add(reader)
      return reader
    },
    readAndDie() {
      const [broker] = kafka.settings.brokers
      const child = runScript(join(import.meta.dirname, 'kafka-reader-child.ts'), [
        broker ?? '',
        database.url,
        GROUP,
      ])
      return { died: child.exited.then(({ signal }) => signal) }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...readers].map((reader) => reader.stop()))
      await producer[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await kafka[Symbol.asyncDispose]()
    },
  }
}
