import { createKafkaClient } from '../../adapters/kafka/client.ts'
import { kafkaFailure } from '../../adapters/kafka/failure.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { wantedTopics } from '../../adapters/kafka/topics.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { type Finding, finding } from './finding.ts'

/** Brokers that answer, the topics of the bus, their leaders and copies. */
export async function kafkaFindings(settings: KafkaSettings, log: Log): Promise<readonly Finding[]> {
  const admin = createKafkaClient(settings, {
    clientId: 'sharp-eyes-doctor',
    log,
    requestTimeoutMs: 5_000,
  }).admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    const wanted = wantedTopics(settings.replication)
    const present = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !present.has(topic)).map(({ topic }) => topic)
    const there = wanted.filter(({ topic }) => present.has(topic))
    const { topics } = await admin.fetchTopicMetadata({ topics: there.map(({ topic }) => topic) })
    return [
      brokersFinding(brokers.length, settings),
      missing.length > 0
        ? finding('kafka topics', 'fail', `${missing.join(', ')}: missing; "sharp-eyes migrate" makes them`)
        : finding('kafka topics', 'ok', `${there.length} there`),
      ...partitionFindings(topics),
    ]
  } catch (error) {
    throw kafkaFailure(settings, error)
  } finally {
    await admin.disconnect().catch(() => undefined) // it is going away anyhow
  }
}

function brokersFinding(count: number, { brokers, replication }: KafkaSettings): Finding {
  const detail = `${count} brokers at ${brokers.join(', ')}`
  return count < replication
    ? finding(
        'kafka',
        'warn',
        `${detail}: KAFKA_REPLICATION is ${replication}, and cannot be kept with so few`,
      )
    : finding('kafka', 'ok', detail)
}

interface TopicFacts {
  readonly name: string
  readonly partitions: readonly { leader: number; replicas: number[]; isr: number[] }[]
}

function partitionFindings(topics: readonly TopicFacts[]): readonly Finding[] {
  const of = (bad: (partition: TopicFacts['partitions'][number]) => boolean) =>
    topics.filter(({ partitions }) => partitions.some(bad)).map(({ name }) => name)
  const headless = of(({ leader }) => leader < 0)
  const thin = of(({ replicas, isr }) => isr.length < replicas.length)
  if (headless.length > 0)
    return [finding('kafka partitions', 'fail', `${headless.join(', ')}: no leader; a broker is away`)]
  if (thin.length > 0)
    return [
      finding(
        'kafka partitions',
        'warn',
        `${thin.join(', ')}: copies are missing; a broker is away or behind`,
      ),
    ]
  return []
}
