import type { Admin, ITopicConfig } from 'kafkajs'
import type { Log } from '../../core/ports/telemetry.ts'
import { dlqOf, TOPICS, type Topic } from '../../core/topics.ts'
import { createKafkaClient } from './client.ts'
import { kafkaFailure } from './failure.ts'
import { MAX_DEAD_LETTER_BYTES } from './limits.ts'
import type { KafkaSettings } from './settings.ts'

/** Below what `inbox` remembers (invariant 10): a message that is read again is known there. */
const RETENTION_MS = 7 * 24 * 3_600_000
/** A dead letter is 1 MB at most and carries headers that say why: the broker's own limit would refuse the largest. */
const DEAD_LETTER_LIMIT = MAX_DEAD_LETTER_BYTES + 100_000

export interface TopicsReport {
  readonly created: readonly string[]
  /** Topics with fewer partitions than wanted. They stay as they are: more of them would move keys to other places. */
  readonly narrow: readonly { readonly topic: string; readonly partitions: number; readonly wanted: number }[]
}

/** Makes the topics of the bus and their `.dlq` where they are missing, and looks at those that are there. */
export async function migrateTopics(settings: KafkaSettings, log: Log): Promise<TopicsReport> {
  const admin = createKafkaClient(settings, {
    clientId: 'sharp-eyes-migrate',
    log,
    requestTimeoutMs: 15_000,
  }).admin()
  try {
    await admin.connect()
    const wanted = wantedTopics(settings.replication)
    const present = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !present.has(topic))
    // Another process may make them in the same moment: then they are there as well.
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true })
    const narrow = await narrowTopics(
      admin,
      wanted.filter(({ topic }) => present.has(topic)),
    )
    for (const { topic, partitions, wanted: number } of narrow)
      log.warn(
        { topic, partitions, wanted: number },
        'a topic has fewer partitions than wanted: fewer processes can share its work. It is left as it is: new partitions would move keys, so add them by hand while nothing is sent',
      )
    const created = missing.map(({ topic }) => topic)
    if (created.length > 0) log.info({ topics: created }, 'topics made')
    return { created, narrow }
  } catch (error) {
    throw kafkaFailure(settings, error)
  } finally {
    await admin.disconnect().catch(() => undefined) // it is going away anyhow
  }
}

/** Every topic of the bus with its dead letters, as `migrate` makes them. */
export function wantedTopics(replication: number): readonly (ITopicConfig & { numPartitions: number })[] {
  const config = (entries: Record<string, string | number>) =>
    Object.entries({
      'cleanup.policy': 'delete',
      'retention.ms': RETENTION_MS,
      // A write needs every copy but one, so that one broker may be away.
      'min.insync.replicas': Math.max(1, replication - 1),
      ...entries,
    }).map(([name, value]) => ({ name, value: String(value) }))
  return (Object.keys(TOPICS) as Topic[]).flatMap((topic) => {
    const numPartitions = TOPICS[topic].partitions
    return [
      { topic, numPartitions, replicationFactor: replication, configEntries: config({}) },
      {
        topic: dlqOf(topic),
        numPartitions: 1,
        replicationFactor: replication,
        configEntries: config({ 'max.message.bytes': DEAD_LETTER_LIMIT }),
      },
    ]
  })
}

async function narrowTopics(
  admin: Admin,
  wanted: readonly { topic: string; numPartitions: number }[],
): Promise<TopicsReport['narrow']> {
  if (wanted.length === 0) return []
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
  const partitions = new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
  return wanted.flatMap(({ topic, numPartitions }) => {
    const present = partitions.get(topic) ?? 0
    return present < numPartitions ? [{ topic, partitions: present, wanted: numPartitions }] : []
  })
}
