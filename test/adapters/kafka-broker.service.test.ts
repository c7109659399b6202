import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createBusProducer } from '../../adapters/kafka/producer.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import { startKafka } from '../../deploy/kafka/broker.ts'
import { freePort } from '../../deploy/kafka/ports.ts'
import { KAFKA_TEST_MS, kafkaMissing, readTopic } from '../support/kafka.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'

const TOPIC = 'case.events.v1'
afterEach(() => void vi.unstubAllEnvs())

const producerOf = (settings: KafkaSettings, log = silentLog) =>
  // Patient: a broker that has just started on a busy machine takes its time.
  createBusProducer({
    ...{ settings, clock: systemClock, log, metrics: recordingMetrics(), timeoutMs: 60_000 },
  })
const record = (text: string) => ({ key: 'k', value: Buffer.from(text) })

describe.skipIf(kafkaMissing())('the broker of the project', { timeout: KAFKA_TEST_MS }, () => {
  test('keeps its log over kill -9 and over another start on its folder', async () => {
    await using folder = await tempFolder()
    const port = await freePort()
    const settings: KafkaSettings = { brokers: [`127.0.0.1:${port}`], tls: false, sasl: null, replication: 1 }
    await using producer = producerOf(settings)
    {
      await using broker = await startKafka({ folder: folder.path, port, heap: '256m' })
      await migrateTopics(settings, silentLog)
      await producer.produce(TOPIC, [record('first')])
      const { pid } = broker
      await broker.kill()
      expect(broker.pid).toBeNull()
      expect(existsSync(`/proc/${pid}`)).toBe(false)
      await broker.restart()
      await producer.produce(TOPIC, [record('second')])
      await expect(startKafka({ folder: folder.path, port })).rejects.toMatchObject({ code: 'port_taken' })
    }
    await using broker = await startKafka({ folder: folder.path, port, heap: '256m' })
    expect(broker.brokers).toEqual(settings.brokers)
    const kept = await readTopic(settings, TOPIC, 2)
    expect(kept.map(({ value }) => String(value))).toEqual(['first', 'second'])
  })

  test('a broker that cannot start says why', async () => {
    await using folder = await tempFolder()
    const start = startKafka({ folder: folder.path, more: { 'num.partitions': 'many' } })
    await expect(start).rejects.toThrow(/num\.partitions/)
  })

  test('without java it is said what is missing and how to get it', async () => {
    await using folder = await tempFolder()
    vi.stubEnv('PATH', folder.path)
    await expect(startKafka({ folder: folder.path })).rejects.toMatchObject({
      code: 'dependency_missing',
      message: expect.stringMatching(/java is missing; .*apt-get install openjdk/),
    })
  })

  test('log-in by PLAIN and SCRAM-SHA-512; a wrong password is said with the way out, and is never shown', async () => {
    await using folder = await tempFolder()
    const module = (name: string) => `org.apache.kafka.common.security.${name}LoginModule required`
    await using broker = await startKafka({
      ...{ folder: folder.path, heap: '256m' },
      format: ['--add-scram', 'SCRAM-SHA-512=[name=eyes,password=scram-secret]'],
      more: {
        'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.plaintext.plain.sasl.jaas.config': `${module('plain.Plain')} username="broker" password="b" user_broker="b" user_eyes="plain-secret";`,
        'listener.name.plaintext.scram-sha-512.sasl.jaas.config': `${module('scram.Scram')};`,
      },
    })
    const as = (mechanism: 'plain' | 'scram-sha-512', password: string): KafkaSettings => ({
      ...{ brokers: broker.brokers, tls: false, replication: 1 },
      sasl: { mechanism, username: 'eyes', password },
    })
    await migrateTopics(as('scram-sha-512', 'scram-secret'), silentLog)
    for (const settings of [as('plain', 'plain-secret'), as('scram-sha-512', 'scram-secret')]) {
      await using producer = producerOf(settings)
      await producer.produce(TOPIC, [record('in')])
    }
    const log = recordingLog()
    for (const mechanism of ['plain', 'scram-sha-512'] as const) {
      await using producer = producerOf(as(mechanism, 'wr0ng-secret'), log)
      const failure = await producer.produce(TOPIC, [record('out')]).catch((error: Error) => error)
      expect(failure).toMatchObject({
        message: expect.stringMatching(/KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD_FILE/),
      })
      expect(String(failure)).not.toContain('wr0ng-secret')
    }
    expect(log.lines.join('\n')).not.toContain('wr0ng-secret')
    expect(await readTopic(as('plain', 'plain-secret'), TOPIC, 2)).toHaveLength(2)
  })
})
