import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { dlqOf } from '../../core/topics.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { askKafka, KAFKA_TEST_MS, kafkaMissing, readTopic } from '../support/kafka.ts'
import { recordingLog, silentLog } from '../support/log.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type BusFixture, GROUP, openBus, SESSION_MS } from './kafka-fixture.ts'

const TOPIC = 'hazard.events.v1'

describe.skipIf(kafkaMissing())('kafkajs on a real Kafka', { timeout: KAFKA_TEST_MS }, () => {
  let bus: BusFixture
  beforeAll(async () => {
    bus = await openBus()
  })
  afterAll(() => bus[Symbol.asyncDispose]())

  const send = (camera: string, zone = 'gate') =>
    bus.producer.produce(TOPIC, [
      {
        key: camera,
        value: Buffer.from(
          JSON.stringify(
            hazardMessage(hazardEvent({ source: { kind: 'camera', id: camera }, zone }), {
              ...{ kind: 'start', seq: 1 },
            }),
          ),
        ),
      },
    ])
  const inInbox = async (camera: string) =>
    (await bus.database.query('select 1 from inbox where source = $1', [`/cameras/${camera}`])).rowCount
  /** Looks until it is there; fails by the test's own limit. */
  const arrives = async (camera: string, count = 1) => {
    while ((await inInbox(camera)) !== count) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const committed = async () => {
    const places = await askKafka(bus.kafka.settings, (admin) =>
      admin.fetchOffsets({ groupId: `${GROUP}.${TOPIC}`, topics: [TOPIC] }),
    )
    return places[0]?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
  }

  // What one test left behind is no other test's trouble.
  beforeEach(async () => {
    if (bus.kafka.broker.pid === null) await bus.kafka.broker.restart()
  })

  test('the database away: the offset stays, the place in the group is kept, and it goes on by itself', async () => {
    const away = new Error('no connection to PostgreSQL')
    let isAway = true
    const receiver: MessageReceiver = {
      receive: (messages) =>
        isAway ? Promise.reject(away) : bus.receivers['hazard.events.v1'].receive(messages),
    }
    const reader = bus.read({ receivers: { [TOPIC]: receiver } })
    await reader.reading()
    const before = await committed()
    const joins = () => bus.metrics.counts.get(`bus_consumer_joins_total{topic=${TOPIC}}`)
    const joinsBefore = joins()
    const state = () => reader.consumer.state()[0]
    const restartsBefore = state()?.restarts
    await send('db-away')
    await waitUntil('it waits', () => state()?.state === 'waiting')
    expect(state()).toMatchObject({ error: away.message })
    // Longer than the session: without heartbeats it would be put out by now.
    const since = performance.now()
    await waitUntil('two sessions have passed', () => performance.now() - since > 2 * SESSION_MS)
    expect(await committed()).toBe(before)
    isAway = false
    await arrives('db-away')
    await waitUntil('it reads again', () => state()?.state === 'reading')
    expect(joins()).toBe(joinsBefore)
    expect(state()?.restarts).toBe(restartsBefore)
    await reader.stop()
    expect(await committed()).toBe(Number(before) + 1)
  })

  test('the broker killed and back: the consumer is built anew and says so', async () => {
    const restarts: string[] = []
    const log = recordingLog()
    const reader = bus.read({ log, onRestart: ({ reason }) => void restarts.push(reason) })
    await reader.reading()
    await bus.kafka.broker.kill()
    await waitUntil(
      'it says that Kafka is away',
      () => reader.consumer.state().every(({ state }) => state === 'away'),
      90_000,
    )
    expect(reader.consumer.state()[0]?.error).toMatch(/ECONNREFUSED|Closed connection|No broker available/)
    await bus.kafka.broker.restart()
    await reader.reading()
    await send('after-kill')
    await arrives('after-kill')
    expect(restarts.length).toBeGreaterThan(0)
    expect(log.lines.some((line) => line.includes('a new one is built'))).toBe(true)
    // An outage is a few lines, not a flood of kafkajs's own.
    expect(log.lines.filter((line) => /"level":"(warn|error)"/.test(line)).length).toBeLessThan(30)
    await waitUntil('the lag is known', () => reader.consumer.lagSeconds() === 0)
    await reader.stop()
  })

  test('the broker frozen for longer than the watchdog waits, and back', async () => {
    const restarts: string[] = []
    const reader = bus.read({ onRestart: ({ reason }) => void restarts.push(reason) })
    await reader.reading()
    bus.kafka.broker.pause()
    await waitUntil('a consumer was given up', () => restarts.length > 0, 90_000)
    bus.kafka.broker.resume()
    await reader.reading()
    await send('after-freeze')
    await arrives('after-freeze')
    await reader.stop()
  })

  test('a handler that hangs while the partitions are dealt anew is left behind by the watchdog', async () => {
    const never = Promise.withResolvers<never>()
    let calls = 0
    const hanging: MessageReceiver = {
      receive(messages) {
        calls += 1
        return calls === 1 ? never.promise : bus.receivers['hazard.events.v1'].receive(messages)
      },
    }
    const restarts: string[] = []
    const first = bus.read({
      ...{
        receivers: { [TOPIC]: hanging },
        onRestart: ({ reason }: { reason: string }) => void restarts.push(reason),
      },
    })
    await first.reading()
    await send('hangs')
    await waitUntil('it hangs', () => calls === 1)
    const second = bus.read({ receivers: { [TOPIC]: bus.receivers['hazard.events.v1'] } })
    await arrives('hangs') // from the reader that came
    await waitUntil('the watchdog has seen it', () => restarts.length > 0, 90_000)
    expect(restarts[0]).toMatch(/neither a fetch nor a heartbeat for 9 s/)
    await second.stop()
    await first.reading()
    await send('after-hang')
    await arrives('after-hang')
    await first.stop()
  })

  test('stopped at any moment of its start, a reader leaves no member behind', async () => {
    for (const afterMs of [0, 5, 20, 50, 100, 200, 400]) {
      const reader = bus.read()
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      await reader.stop()
    }
    // A member that was left behind would hold its partitions: one that comes has all of them at once.
    const groupIds = Object.keys(bus.receivers).map((topic) => `${GROUP}.${topic}`)
    const { groups } = await askKafka(bus.kafka.settings, (admin) => admin.describeGroups(groupIds))
    expect(groups.flatMap(({ members }) => members)).toEqual([])
    const reader = bus.read()
    await reader.reading()
    expect(reader.consumer.state().map(({ partitions }) => partitions)).toEqual([12, 12])
    await reader.stop()
  })

  test('a place that the topic no longer has: it begins with the oldest message that is there', async () => {
    const reader = bus.read()
    await reader.reading()
    await send('early')
    await arrives('early')
    await reader.stop()
    // As after a topic was made anew: the group's place lies far beyond the end.
    await askKafka(bus.kafka.settings, (admin) =>
      admin.setOffsets({
        ...{ groupId: `${GROUP}.${TOPIC}`, topic: TOPIC },
        partitions: Array.from({ length: 12 }, (_, partition) => ({ partition, offset: '1000000' })),
      }),
    )
    await send('behind')
    const log = recordingLog()
    const again = bus.read({ log })
    await arrives('behind')
    expect(log.lines.some((line) => line.includes('Offset out of range'))).toBe(true)
    await again.stop()
  })

  test('a topic that is missing is said with the way out, and read when it is there', async () => {
    const topic = 'sensor.readings.v1'
    await askKafka(bus.kafka.settings, (admin) => admin.deleteTopics({ topics: [topic] }))
    const reader = bus.read()
    const state = () => reader.consumer.state().find((each) => each.topic === topic)
    await waitUntil('it is said', () => state()?.state === 'away', 60_000)
    expect(state()?.error).toMatch(/a topic is missing; "sharp-eyes migrate"/)
    // The other topic is read all the same.
    await send('meanwhile')
    await arrives('meanwhile')
    await migrateTopics(bus.kafka.settings, silentLog)
    await reader.reading()
    await reader.stop()
  })

  test('migrate leaves a topic with fewer partitions as it is and says so', async () => {
    const topic = 'notify.attempts.v1'
    const { settings } = bus.kafka
    await askKafka(settings, async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      await admin.createTopics({
        topics: [{ topic, numPartitions: 2, replicationFactor: 1 }],
        waitForLeaders: true,
      })
    })
    const log = recordingLog()
    expect(await migrateTopics(settings, log)).toEqual({
      created: [],
      narrow: [{ topic, partitions: 2, wanted: 6 }],
    })
    expect(log.lines.join()).toMatch(/fewer partitions than wanted/)
    await expect(migrateTopics({ ...settings, replication: 3 }, log)).resolves.toMatchObject({ created: [] })
    await askKafka(settings, (admin) => admin.deleteTopics({ topics: [topic, dlqOf(topic)] }))
    await expect(migrateTopics({ ...settings, replication: 3 }, log)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/KAFKA_REPLICATION/),
    })
    expect((await migrateTopics(settings, log)).created).toEqual([topic, dlqOf(topic)])
  })

  test('what a topic finds too large is named, and the records around it are written', async () => {
    const topic = 'case.events.v1'
    await askKafka(bus.kafka.settings, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries: [{ name: 'max.message.bytes', value: '10000' }] }],
      }),
    )
    const sizes = [4_000, 4_000, 20_000, 4_000, 4_000, 1_000_001]
    const records = sizes.map((size, n) => ({ key: 'k', value: Buffer.alloc(size, n) }))
    await expect(bus.producer.produce(topic, records)).rejects.toMatchObject({
      code: 'too_large',
      details: { indexes: [2, 5] },
    })
    const written = await readTopic(bus.kafka.settings, topic, 4)
    expect(written.map(({ value }) => value?.[0])).toEqual([0, 1, 3, 4])
  })
})
