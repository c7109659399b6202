import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer, Message } from '@platformatic/kafka'
import { Partitioners } from 'kafkajs'
import { createKafkaClient, KAFKA_RETRY } from '../../adapters/kafka/client.ts'
import { createBusConsumer } from '../../adapters/kafka/consumer.ts'
import { createBusProducer } from '../../adapters/kafka/producer.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { BusProducer } from '../../core/ports/messages.ts'
import type { InboundTopic } from '../../core/topics.ts'
import type { Tools } from '../tools.ts'

/** One Kafka client behind our ports, as it would be used in the product. */
export interface BusClient {
  readonly name: string
  openProducer(): Promise<BusProducer & AsyncDisposable>
  /** The client's idempotent producer with bounded retries: not used in the product, measured to show why. */
  openIdempotent(): Promise<BusProducer & AsyncDisposable>
  /** A member of a group that begins with the oldest message. Values come in order of their partition; then it commits. */
  openReader(
    topic: InboundTopic,
    group: string,
    onValues: (values: readonly Uint8Array[]) => Promise<void>,
  ): Promise<BusReader>
}

export interface BusReader extends AsyncDisposable {
  /** Partitions that it has now. */
  partitions(): number
}

const SESSION_MS = 6_000
const MAX_WAIT_MS = 200
const CHUNK = 256
const REBUILD_MS = 500
/** As our producer has it. The clients' own is 30 s a try: a broker that freezes would hold a call for minutes. */
const REQUEST_MS = 2_500

/** kafkajs with all that we put around it. */
export const kafkajsClient = (settings: KafkaSettings, tools: Tools): BusClient => {
  const { clock, log, metrics } = tools
  return {
    name: 'kafkajs 2.2.4 with our guards',
    openProducer: async () => createBusProducer({ settings, clock, log, metrics }),
    async openIdempotent() {
      const producer = createKafkaClient(settings, {
        ...{ clientId: 'sharp-eyes-bench', log, requestTimeoutMs: REQUEST_MS },
      }).producer({
        ...{ idempotent: true, maxInFlightRequests: 1, retry: { ...KAFKA_RETRY, retries: 1 } },
        ...{ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false },
      })
      await producer.connect()
      return {
        async produce(topic, records) {
          const messages = records.map(({ key, value }) => ({ key, value: Buffer.from(value) }))
          await producer.send({ topic, messages, acks: -1, timeout: REQUEST_MS })
        },
        [Symbol.asyncDispose]: () => producer.disconnect(),
      }
    },
    async openReader(topic, group, onValues) {
      const stopping = new AbortController()
      const consumer = createBusConsumer({
        ...{ settings, group, clock, log, metrics, sessionMs: SESSION_MS },
        producer: { produceRaw: () => Promise.reject(new Error('nothing is refused here')) },
        receivers: {
          [topic]: {
            async receive(values: readonly unknown[]) {
              await onValues(values.filter((value) => value instanceof Uint8Array))
              return []
            },
          },
        },
      })
      const ended = consumer.run(stopping.signal)
      return {
        partitions: () => consumer.state()[0]?.partitions ?? 0,
        async [Symbol.asyncDispose]() {
          stopping.abort()
          await ended
        },
      }
    },
  }
}

/** @platformatic/kafka as its documentation shows it, and built anew when it fails. A dev dependency: it is there to be measured. */
export async function platformaticClient(settings: KafkaSettings): Promise<BusClient> {
  const {
    Producer,
    Consumer: Reader,
    compatibilityPartitioner,
  } = await import('@platformatic/kafka').catch((cause) => {
    throw new SharpEyesError(
      'dependency_missing',
      '@platformatic/kafka is not installed: it is a dev dependency; "npm install" brings it',
      { cause },
    )
  })
  const base = { clientId: 'sharp-eyes-bench', bootstrapBrokers: [...settings.brokers] }
  function open(idempotent: boolean): BusProducer & AsyncDisposable {
    const producer = new Producer({
      ...{ ...base, acks: -1, idempotent, requestTimeout: REQUEST_MS, retries: 1 },
      // Java's murmur2: its own default puts half of the keys elsewhere.
      partitioner: compatibilityPartitioner,
    })
    producer.on('error', () => undefined) // told by the call that fails
    return {
      async produce(topic, records) {
        await producer.send({
          messages: records.map(({ key, value }) => ({
            topic,
            key: Buffer.from(key),
            value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
          })),
        })
      },
      [Symbol.asyncDispose]: () => producer.close(),
    }
  }
  return {
    name: '@platformatic/kafka 2.12.1',
    openProducer: async () => open(false),
    openIdempotent: async () => open(true),
    async openReader(topic, group, onValues) {
      let isOver = false
      let current: Consumer<Buffer, Buffer, Buffer, Buffer> | null = null
      /** One consumer until it fails: after a broker that was away its stream is closed, and another one has to be built. */
      const live = async () => {
        const consumer = new Reader({
          ...base,
          groupId: `${group}.${topic}`,
          sessionTimeout: SESSION_MS,
          rebalanceTimeout: 2 * SESSION_MS,
          heartbeatInterval: SESSION_MS / 3,
        })
        current = consumer
        consumer.on('error', () => undefined)
        const stream = await consumer.consume({
          ...{ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false },
          ...{ maxWaitTime: MAX_WAIT_MS, maxBytes: 8 << 20, maxBytesPerPartition: 1 << 20 },
        })
        stream.on('error', () => undefined) // 'close' follows
        let isClosed = false
        let wake: () => void = () => undefined
        stream.on('close', () => {
          isClosed = true
          wake()
        })
        const waiting: Message[] = []
        stream.on('data', (message) => {
          waiting.push(message)
          if (waiting.length >= 4 * CHUNK) stream.pause()
          wake()
        })
        while (!isOver && !isClosed) {
          if (waiting.length === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
            continue
          }
          const chunk = waiting.splice(0, CHUNK)
          if (waiting.length < CHUNK) stream.resume()
          await onValues(chunk.map(({ value }) => value))
          const offsets = new Map(
            chunk.map(({ partition, offset, leaderEpoch }) => [
              partition,
              { topic, partition, leaderEpoch, offset: offset + 1n },
            ]),
          )
          // Refused during a rebalance: the messages come again.
          await consumer.commit({ offsets: [...offsets.values()] }).catch(() => undefined)
        }
        await consumer.close(true).catch(() => undefined)
      }
      const reading = (async () => {
        while (!isOver) await live().catch(() => delay(REBUILD_MS))
      })()
      return {
        partitions: () => current?.assignments?.find((each) => each.topic === topic)?.partitions.length ?? 0,
        async [Symbol.asyncDispose]() {
          isOver = true
          await current?.close(true).catch(() => undefined)
          await reading
        },
      }
    },
  }
}
