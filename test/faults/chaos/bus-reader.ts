import { randomUUID } from 'node:crypto'
import { createKafkaClient } from '../../../adapters/kafka/client.ts'
import type { Topic } from '../../../core/topics.ts'
import { silentLog } from '../../support/log.ts'

const PATIENCE_MS = 120_000

/** Everything that stands in these topics now, per topic in the order of its partitions' records. */
export async function readPublished(
  brokers: string,
  topics: readonly Topic[],
): Promise<ReadonlyMap<string, readonly { readonly key: string; readonly pos: bigint }[]>> {
  const settings = { brokers: [brokers], tls: false, sasl: null, replication: 1 }
  const kafka = createKafkaClient(settings, {
    clientId: 'chaos-reader',
    log: silentLog,
    requestTimeoutMs: 10_000,
  })
  const admin = kafka.admin()
  await admin.connect()
  let left = 0
  for (const topic of topics)
    for (const { high, low } of await admin.fetchTopicOffsets(topic)) left += Number(high) - Number(low)
  await admin.disconnect()
  const found = new Map<string, { key: string; pos: bigint }[]>(topics.map((topic) => [topic, []]))
  if (left === 0) return found
  const consumer = kafka.consumer({ groupId: `chaos-${randomUUID()}`, maxWaitTimeInMs: 200 })
  const all = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      const { id } = JSON.parse(message.value?.toString('utf8') ?? '{}') as { id: string }
      found
        .get(topic)
        ?.push({ key: message.key?.toString('utf8') ?? '', pos: BigInt(id.split('/')[1] ?? '-1') })
      left -= 1
      if (left === 0) all.resolve()
    },
  })
  const late = setTimeout(() => all.reject(new Error(`${left} records were not read`)), PATIENCE_MS)
  try {
    await all.promise
  } finally {
    clearTimeout(late)
    await consumer.disconnect()
  }
  return found
}
