import type { Admin } from 'kafkajs'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { createKafkaClient } from './client.ts'
import { within } from './deadline.ts'
import { createLagBook, type PartitionPlace, waiting } from './lag.ts'
import type { KafkaSettings } from './settings.ts'

export interface LagWatch {
  /** Seconds by which the topic's group is behind, over all its members; null: not known now. */
  seconds(): number | null
  run(signal: AbortSignal): Promise<void>
}

const EVERY_MS = 5_000
/** An older answer says nothing about now. */
const STALE_MS = 30_000

/** Asks Kafka how far the group is: also true while no member reads, and before the first message. */
export function createLagWatch(deps: {
  readonly settings: KafkaSettings
  readonly topic: string
  readonly groupId: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly everyMs?: DurationMs
}): LagWatch {
  const { settings, topic, groupId, clock, log, metrics } = deps
  const book = createLagBook()
  let admin: { readonly client: Admin; readonly ready: Promise<void> } | null = null

  async function look(client: Admin): Promise<readonly PartitionPlace[]> {
    const ends = await client.fetchTopicOffsets(topic)
    const groups = await client.fetchOffsets({ groupId, topics: [topic] })
    const committed = new Map(
      groups.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, offset])),
    )
    return ends.map(({ partition, low, high }) => ({
      topic,
      partition,
      committed: BigInt(committed.get(partition) ?? -1),
      low: BigInt(low),
      end: BigInt(high),
    }))
  }

  function connect() {
    const client = createKafkaClient(settings, {
      clientId: 'sharp-eyes-lag',
      log,
      requestTimeoutMs: 10_000,
    }).admin()
    return { client, ready: client.connect() }
  }

  async function lookOnce(): Promise<void> {
    admin ??= connect()
    const mine = admin
    const work = mine.ready.then(() => look(mine.client))
    try {
      const partitions = await within(clock, 15_000, `asking for offsets of ${groupId}`, work)
      book.note({ at: clock.now(), partitions })
      for (const place of partitions)
        metrics.gauge(
          'bus_consumer_lag_messages',
          { topic, partition: String(place.partition) },
          Number(waiting(place)),
        )
      metrics.gauge('bus_consumer_lag_seconds', { topic }, book.leastMs() / 1000)
    } catch (error) {
      admin = null
      void work.catch(() => undefined).finally(() => mine.client.disconnect().catch(() => undefined))
      throw error
    }
  }

  return {
    seconds() {
      const behind = book.behindMs()
      if (behind === null || book.at === null || clock.now() - book.at > STALE_MS) return null
      return behind / 1000
    },
    async run(signal) {
      while (!signal.aborted) {
        await lookOnce().catch((error: Error) =>
          log.debug({ groupId, error: error.message }, 'how far the consumers are is not known now'),
        )
        await clock.sleep(deps.everyMs ?? EVERY_MS, signal).catch(() => undefined)
      }
      await admin?.client.disconnect().catch(() => undefined)
    },
  }
}
