import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { makeTopics, openBus } from '../../app/roles/bus.ts'
import { readSettings } from '../../app/settings.ts'
import type { Tools } from '../../app/tools.ts'
import { createStopStack } from '../../core/stop-stack.ts'
import { TOPICS } from '../../core/topics.ts'
import { startKafka } from '../../deploy/kafka/broker.ts'
import { freePort } from '../../deploy/kafka/ports.ts'
import { askKafka, KAFKA_TEST_MS, kafkaMissing } from '../support/kafka.ts'
import { silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe.skipIf(kafkaMissing())('a site whose Kafka is away when it starts', () => {
  test(
    'goes on, and makes the topics as soon as the broker answers',
    async () => {
      await using folder = await tempFolder()
      const port = await freePort()
      const stopping = new AbortController()
      const stack = createStopStack({ log: silentLog, clock: systemClock })
      const settings = await readSettings({ KAFKA_BROKERS: `127.0.0.1:${port}` })
      const tools: Tools = {
        ...{ log: silentLog, clock: systemClock, metrics: createMetrics(), stack, signal: stopping.signal },
        mediaTools: () => {
          throw new Error('no media here')
        },
        settings: async () => settings,
      }
      try {
        const bus = await openBus(tools)
        if (!bus) throw new Error('a bus is configured')
        await makeTopics(bus, tools)

        await using broker = await startKafka({ folder: folder.path, port, heap: '384m' })
        expect(broker.port).toBe(port)
        const there = () => askKafka(bus.settings, (admin) => admin.listTopics())
        const wanted = Object.keys(TOPICS)
        let topics = await there()
        while (!wanted.every((topic) => topics.includes(topic))) topics = await there()
        expect(topics).toEqual(expect.arrayContaining(wanted.map((topic) => `${topic}.dlq`)))
      } finally {
        stopping.abort()
        await stack.stop()
      }
    },
    KAFKA_TEST_MS,
  )
})
