import type { KafkaMessage } from 'kafkajs'
import { describe } from 'vitest'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { dlqOf } from '../../core/topics.ts'
import {
  type ConnectedTransport,
  eventTransportContract,
  type MessageLog,
} from '../contract/event-transport.ts'
import { askKafka, KAFKA_TEST_MS, kafkaMissing, readTopic } from '../support/kafka.ts'
import { waitUntil } from '../support/wait-until.ts'
import { GROUP, openBus, type Reader } from './kafka-fixture.ts'

describe.skipIf(kafkaMissing())('on a real Kafka', { timeout: KAFKA_TEST_MS }, () => {
  eventTransportContract('kafka', connect, { hasLog: true })
})

async function connect(): Promise<ConnectedTransport> {
  const bus = await openBus()
  const { kafka, database, producer, metrics, receivers } = bus
  let reader: Reader = bus.read()
  await reader.reading()
  const known = () => metrics.counts.get('inbox_messages_total{outcome=duplicate}') ?? 0
  const inbox = receivers['hazard.events.v1']

  const between: MessageLog = {
    put: (topic, records) => producer.produceRaw(topic, records),
    deadLetters: async (topic, isEnough) => {
      const records = (messages: readonly KafkaMessage[]) =>
        messages.map(({ key, value, headers }) => ({ key, value, headers: headers ?? {} }))
      return records(await readTopic(kafka.settings, dlqOf(topic), (messages) => isEnough(records(messages))))
    },
    async killAfterCommit(send) {
      await reader.stop()
      const before = known()
      const child = bus.readAndDie()
      await send()
      if ((await child.died) !== 'SIGKILL') throw new Error('the reading process ended by itself')
      reader = bus.read()
      await waitUntil('messages came again', () => known() > before, 60_000)
      return known() - before
    },
    async rebalanceWhileHandling(send, after) {
      await reader.stop()
      const inHand = Promise.withResolvers<void>()
      const goOn = Promise.withResolvers<void>()
      const slow: MessageReceiver = {
        async receive(messages) {
          inHand.resolve()
          await goOn.promise
          return inbox.receive(messages)
        },
      }
      const first = bus.read({ receivers: { 'hazard.events.v1': slow } })
      await first.reading()
      await send()
      await inHand.promise
      const second = bus.read({ receivers: { 'hazard.events.v1': inbox } })
      await rebalancing()
      goOn.resolve()
      await Promise.all([first.reading(), second.reading()])
      const partitions = () => [first, second].map(({ consumer }) => consumer.state()[0]?.partitions ?? 0)
      await waitUntil('both have partitions', () => partitions().every((count) => count > 0), 60_000)
      await after(partitions())
      await second.stop()
      await first.stop()
      reader = bus.read()
    },
  }

  /** The broker itself says that the group is dealt anew. */
  async function rebalancing(): Promise<void> {
    const groupId = `${GROUP}.hazard.events.v1`
    const states = new Set<string>()
    const stop = new AbortController()
    const asking = askKafka(kafka.settings, async (admin) => {
      while (!stop.signal.aborted && !states.has('PreparingRebalance')) {
        const { groups } = await admin.describeGroups([groupId])
        for (const { state } of groups) states.add(state)
      }
    })
    await waitUntil('the group is rebalancing', () => states.has('PreparingRebalance'), 60_000).finally(() =>
      stop.abort(),
    )
    await asking
  }

  return {
    transport: createKafkaTransport(producer),
    database,
    breakDown: () => kafka.broker.kill(),
    repair: () => kafka.broker.restart(),
    between,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
