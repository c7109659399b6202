import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createBusProducer } from '../../adapters/kafka/producer.ts'
import { runPublisher } from '../../alerts/changes/publish.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { notifyMessageSchema } from '../../core/messages/notify.ts'
import { askKafka, kafkaMissing, readTopic, startTestKafka, type TestKafka } from '../support/kafka.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { waitUntil } from '../support/wait-until.ts'
import { writeNumbered } from './publish-fixture.ts'

/** Everything that stands in the topic, in the order of each partition. */
async function readAll({ settings }: TestKafka, topic: string) {
  const ends = await askKafka(settings, (admin) => admin.fetchTopicOffsets(topic))
  const total = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  return (await readTopic(settings, topic, total)).map(({ key, value, headers }) => {
    const { source, id, data } = notifyMessageSchema.parse(JSON.parse(value?.toString() ?? ''))
    return {
      key: key?.toString(),
      id: `${source} ${id}`,
      attempt: data.notification.attempt,
      contentType: headers?.['content-type']?.toString(),
    }
  })
}

describe.skipIf(kafkaMissing())('on a real Kafka', () => {
  let kafka: TestKafka
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
    kafka = await startTestKafka()
  }, 240_000)
  afterAll(async () => {
    await kafka?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })

  test('killed and started again under load: every change is in the topic, in order per key', {
    timeout: 300_000,
  }, async () => {
    const metrics = recordingMetrics()
    const base = { clock: systemClock, log: silentLog, metrics }
    await using producer = createBusProducer({ ...base, settings: kafka.settings })
    const stop = new AbortController()
    const deps = { ...base, database, signal: stop.signal }
    const running = [
      runSequencer(deps),
      runPublisher({ ...deps, producer }),
      runPublisher({ ...deps, producer }),
    ]
    let written = 0
    const write = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        written += 1
        await writeNumbered(database, `2026-00000${written % 5}`, written)
      }
    }
    const published = () => metrics.counts.get('changes_published_total{topic=notify.attempts.v1}') ?? 0
    const failed = () => metrics.counts.get('changes_publish_failures_total{}') ?? 0
    await write(50)
    await waitUntil('the first are out', () => published() >= 50, 60_000)
    await Promise.all([write(200), kafka.broker.kill()])
    await waitUntil('the broker is missed', () => failed() >= 2, 60_000)
    await kafka.broker.restart()
    await waitUntil('all are out', () => published() >= written, 120_000)
    await write(20)
    await waitUntil('the last too', () => published() >= written, 60_000)
    stop.abort()
    await Promise.all(running)

    const found = await readAll(kafka, 'notify.attempts.v1')
    expect(new Set(found.map(({ contentType }) => contentType))).toEqual(
      new Set(['application/cloudevents+json; charset=UTF-8']),
    )
    const first = [...Map.groupBy(found, ({ id }) => id).values()].map(([copy]) => copy)
    expect(first.map((copy) => copy?.attempt ?? 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: written }, (_, n) => n + 1),
    )
    for (const copies of Map.groupBy(first, (copy) => copy?.key).values()) {
      const numbers = copies.map((copy) => copy?.attempt ?? 0)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })
})
