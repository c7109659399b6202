import { CompressionTypes, Partitioners, type Producer } from 'kafkajs'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { BusProducer } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { createKafkaClient } from './client.ts'
import { within } from './deadline.ts'
import { isTooLarge, kafkaFailure } from './failure.ts'
import { cutBySize, limitOf, type RawRecord, sizeOf } from './limits.ts'
import type { KafkaSettings } from './settings.ts'

export interface KafkaProducer extends BusProducer, AsyncDisposable {
  /** As `produce`, for records of others: their key, headers and value may be anything. */
  produceRaw(topic: string, records: readonly RawRecord[]): Promise<void>
  /** Rejects while a topic has a partition that nobody leads, or no broker answers. */
  probe(topics: readonly string[]): Promise<void>
}

export interface ProducerDeps {
  readonly settings: KafkaSettings
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly clientId?: string
  /** A call takes this long at most. */
  readonly timeoutMs?: DurationMs
}

const TIMEOUT_MS = 5_000
/** A request's share of it, so that a second broker can still be asked. */
const REQUEST_MS = 2_500

/**
 * Writes to the bus; connects with the first record. Messages of one call keep their order per key; so do calls that wait
 * for the one before. Rejects within `timeoutMs` a part of a megabyte: with `transport_unavailable` (some may have been
 * written all the same: a double is harmless), or with `too_large` and their places in `details.indexes` after the rest was
 * written.
 *
 * Not the idempotent producer: its numbers stay valid only while the same records are sent again for ever. A call that is
 * given up after a time is followed by other records under the same numbers, and the broker takes those for repetitions
 * and drops them with an acknowledgement (docs/decisions/0005-kafka-client.md has the run). Our consumers know a double.
 */
export function createBusProducer(deps: ProducerDeps): KafkaProducer {
  const { settings, clock, log, metrics } = deps
  const timeoutMs = deps.timeoutMs ?? TIMEOUT_MS
  let line: Line | null = null

  function open(): Line {
    const producer = createKafkaClient(settings, {
      clientId: deps.clientId ?? 'sharp-eyes',
      log,
      requestTimeoutMs: Math.min(REQUEST_MS, timeoutMs),
    }).producer({
      // murmur2 as in Java: every client puts a key into the same partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      // What is sent again after a failure is not overtaken by what was sent after it on the same connection.
      maxInFlightRequests: 1,
    })
    return { producer, ready: producer.connect() }
  }

  /** Runs one piece of work against the connection within the time. After a failure the next one gets a new connection. */
  async function bounded<T>(what: string, run: (producer: Producer) => Promise<T>): Promise<T> {
    line ??= open()
    const mine = line
    const work = mine.ready.then(() => run(mine.producer))
    try {
      return await within(clock, timeoutMs, what, work)
    } catch (error) {
      if (isTooLarge(error)) throw error
      if (line === mine) line = null
      hangUp(mine, work)
      metrics.count('bus_produce_failures_total')
      throw kafkaFailure(settings, error)
    }
  }

  async function write(topic: string, part: readonly RawRecord[]): Promise<readonly RawRecord[]> {
    try {
      await bounded(`writing to ${topic}`, (producer) =>
        producer.send({
          topic,
          messages: part.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
          acks: -1,
          timeout: Math.min(REQUEST_MS, timeoutMs),
          compression: CompressionTypes.None,
        }),
      )
      metrics.count('bus_produced_total', { topic }, part.length)
      return []
    } catch (error) {
      if (!isTooLarge(error)) throw error
      // The topic allows less than we thought: halves, down to the record that is too large by itself.
      if (part.length === 1) return part
      const half = Math.ceil(part.length / 2)
      return [...(await write(topic, part.slice(0, half))), ...(await write(topic, part.slice(half)))]
    }
  }

  async function produceRaw(topic: string, records: readonly RawRecord[]): Promise<void> {
    const limit = limitOf(topic)
    const refused = new Set(records.filter((record) => sizeOf(record) > limit))
    const fitting = records.filter((record) => !refused.has(record))
    for (const part of cutBySize(fitting, limit))
      for (const record of await write(topic, part)) refused.add(record)
    if (refused.size > 0) throw tooLarge(topic, records, refused)
  }

  return {
    produce: (topic, records) =>
      produceRaw(
        topic,
        records.map(({ key, value, headers }) => ({
          key,
          value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
          headers: headers ?? {},
        })),
      ),
    produceRaw,
    async probe(topics) {
      const admin = createKafkaClient(settings, {
        clientId: `${deps.clientId ?? 'sharp-eyes'}-probe`,
        log,
        requestTimeoutMs: Math.min(REQUEST_MS, timeoutMs),
      }).admin()
      const work = admin.connect().then(() => admin.fetchTopicMetadata({ topics: [...topics] }))
      try {
        const { topics: found } = await within(clock, timeoutMs, 'asking for topics', work)
        const orphans = found.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0))
        if (orphans.length > 0)
          throw new Error(`no leader for partitions of ${orphans.map(({ name }) => name).join(', ')}`)
      } catch (error) {
        throw kafkaFailure(settings, error)
      } finally {
        void work.catch(() => undefined).finally(() => admin.disconnect().catch(() => undefined))
      }
    },
    async [Symbol.asyncDispose]() {
      const last = line
      line = null
      if (last) await within(clock, timeoutMs, 'closing', last.producer.disconnect()).catch(() => undefined)
    },
  }
}

interface Line {
  readonly producer: Producer
  readonly ready: Promise<void>
}

/** Twice: what kafkajs still tries in the background may connect once more. */
function hangUp({ producer }: Line, work: Promise<unknown>): void {
  const close = () => producer.disconnect().catch(() => undefined)
  void close()
  void work.catch(() => undefined).finally(close)
}

function tooLarge(topic: string, records: readonly RawRecord[], refused: ReadonlySet<RawRecord>) {
  const indexes = records.flatMap((record, index) => (refused.has(record) ? [index] : []))
  const sizes = [...refused].map((record) => `${String(record.key)} (${sizeOf(record)} bytes)`)
  return new SharpEyesError(
    'too_large',
    `${refused.size} of ${records.length} records for ${topic} are larger than a record may be (${limitOf(topic)} bytes, or the topic's max.message.bytes): ${sizes.slice(0, 5).join(', ')}; the others are written`,
    { details: { indexes } },
  )
}
