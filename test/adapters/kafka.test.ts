import { KafkaJSNumberOfRetriesExceeded, logLevel } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { deadLetter } from '../../adapters/kafka/dead-letter.ts'
import { isTooLarge, kafkaFailure } from '../../adapters/kafka/failure.ts'
import { createLagBook, type PartitionPlace } from '../../adapters/kafka/lag.ts'
import { cutBySize, limitOf, type RawRecord, sizeOf } from '../../adapters/kafka/limits.ts'
import { gradeLine } from '../../adapters/kafka/log.ts'
import { wantedTopics } from '../../adapters/kafka/topics.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { TOPICS } from '../../core/topics.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'

const settings = { brokers: ['kafka-1:9092', 'kafka-2:9092'], tls: false, sasl: null, replication: 1 }

describe('lines of kafkajs', () => {
  const line = (namespace: string, level: logLevel, message: string, extra: object = {}) =>
    gradeLine({ namespace, level, label: '', log: { timestamp: '', message, ...extra } }, ['s3cret'])

  test.each([
    [
      'Connection',
      'Response Heartbeat(key: 12, version: 3)',
      { error: 'The group is rebalancing, so a rejoin is needed' },
    ],
    ['Runner', 'The group is rebalancing, re-joining', {}],
    ['Connection', 'Connection error: connect ECONNREFUSED 127.0.0.1:9092', {}],
    ['Consumer', 'Crash: KafkaJSNumberOfRetriesExceeded: …', {}],
  ])('a rebalance, and what we say ourselves, is no alarm: %s %s', (namespace, message, extra) => {
    expect(line(namespace, logLevel.ERROR, message, extra).level).toBe('debug')
  })

  test('what only kafkajs knows keeps its level, with facts alone', () => {
    const extra = {
      topic: 'hazard.events.v1',
      partition: 3,
      offset: '7',
      stack: 'at …',
      payload: Buffer.alloc(9),
    }
    expect(
      line('ConsumerGroup', logLevel.ERROR, 'Offset out of range, resetting to default offset', extra),
    ).toEqual({
      level: 'error',
      message: 'kafkajs ConsumerGroup: Offset out of range, resetting to default offset',
      fields: { topic: 'hazard.events.v1', partition: 3, offset: '7' },
    })
    expect(line('ConsumerGroup', logLevel.WARN, 'Consumer group received unsubscribed topics').level).toBe(
      'warn',
    )
  })

  test('a password never gets through', () => {
    const told = line('SASLPlain', logLevel.ERROR, 'refused s3cret', { error: new Error('with s3cret') })
    expect(JSON.stringify(told)).not.toContain('s3cret')
    expect(told.message).toBe('kafkajs SASLPlain: refused [redacted]')
  })
})

describe('failures', () => {
  const protocolError = (type: string) => Object.assign(new Error(`the broker says ${type}`), { type })
  test('what repetition cannot help is `config_invalid` and names the way out', () => {
    const wrapped = Object.assign(new Error('gave up'), {
      cause: protocolError('UNKNOWN_TOPIC_OR_PARTITION'),
    })
    const failure = kafkaFailure(settings, wrapped)
    expect(failure).toMatchObject({ code: 'config_invalid', retryable: false })
    expect(failure.message).toMatch(/kafka-1:9092, kafka-2:9092: a topic is missing; "sharp-eyes migrate"/)
    const gathered = Object.assign(new Error('several'), {
      errors: [protocolError('INVALID_REPLICATION_FACTOR')],
    })
    expect(kafkaFailure(settings, gathered).message).toMatch(/KAFKA_REPLICATION/)
  })
  test('everything else may pass', () => {
    const refused = new Error('connect ECONNREFUSED')
    const failure = kafkaFailure(
      settings,
      new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 5, retryTime: 100 }),
    )
    expect(failure).toMatchObject({ code: 'transport_unavailable', retryable: true })
    expect(failure.message).toMatch(/connect ECONNREFUSED/)
  })
  test('too large is seen at any depth', () => {
    expect(isTooLarge(Object.assign(new Error('x'), { cause: protocolError('MESSAGE_TOO_LARGE') }))).toBe(
      true,
    )
    expect(isTooLarge(protocolError('NOT_LEADER_FOR_PARTITION'))).toBe(false)
  })
})

describe('sizes', () => {
  const record = (bytes: number): RawRecord => ({ key: 'k', value: Buffer.alloc(bytes), headers: {} })
  test('key, value, headers of every kind and the overhead count', () => {
    const plain = sizeOf({ key: null, value: null, headers: {} })
    expect(sizeOf({ key: '眼', value: Buffer.alloc(7), headers: {} })).toBe(plain + 10)
    expect(sizeOf({ key: null, value: null, headers: { ab: ['c', Buffer.alloc(3)], d: undefined } })).toBe(
      plain + (2 + 1 + 10) + (2 + 3 + 10) + (1 + 10),
    )
  })
  test('parts keep the order and none is larger than allowed', () => {
    const records = [300, 500, 100, 700, 900, 10].map(record)
    const parts = cutBySize(records, 1_000)
    expect(parts.flat()).toEqual(records)
    for (const part of parts)
      expect(part.reduce((sum, each) => sum + sizeOf(each), 0)).toBeLessThanOrEqual(1_000)
    expect(parts.length).toBeLessThan(records.length)
    expect(cutBySize([], 1_000)).toEqual([])
  })
  test('a dead letter of the largest message fits', () => {
    const message = { key: Buffer.from('k'), value: Buffer.alloc(1_048_000), headers: {}, offset: '1' }
    const refused = { index: 0, error: 'x'.repeat(5_000) }
    const letter = deadLetter({ topic: 'hazard.events.v1', partition: 0, message, refused, at: 0 })
    expect(sizeOf(letter)).toBeLessThan(limitOf('hazard.events.v1.dlq'))
  })
})

describe('topics', () => {
  test('every topic of the bus and its dead letters; a write needs all copies but one', () => {
    const wanted = wantedTopics(3)
    expect(wanted.map(({ topic }) => topic)).toEqual(
      Object.keys(TOPICS).flatMap((topic) => [topic, `${topic}.dlq`]),
    )
    const settingsOf = (index: number) =>
      Object.fromEntries((wanted[index]?.configEntries ?? []).map(({ name, value }) => [name, value]))
    expect(wanted[0]).toMatchObject({ numPartitions: 12, replicationFactor: 3 })
    expect(settingsOf(0)).toMatchObject({ 'retention.ms': '604800000', 'min.insync.replicas': '2' })
    expect(settingsOf(1)).toMatchObject({ 'max.message.bytes': '2100000' })
  })
})

describe('lag in time', () => {
  const place = (partition: number, committed: number, end: number, low = 0): PartitionPlace => ({
    ...{ topic: 't', partition, committed: BigInt(committed), end: BigInt(end), low: BigInt(low) },
  })
  test('not known before the first look, and none when everything is read', () => {
    const book = createLagBook()
    expect(book.behindMs()).toBeNull()
    book.note({ at: 1_000, partitions: [place(0, 5, 5), place(1, -1, 0)] })
    expect(book.behindMs()).toBe(0)
  })
  test('a backlog of unknown age is not known to be young', () => {
    const book = createLagBook()
    book.note({ at: 1_000, partitions: [place(0, 5, 90)] })
    book.note({ at: 6_000, partitions: [place(0, 50, 120)] })
    expect(book.behindMs()).toBeNull()
    expect(book.leastMs()).toBe(5_000)
    // Everything of the first look is read; what came since is not.
    book.note({ at: 11_000, partitions: [place(0, 95, 130)] })
    expect(book.behindMs()).toBe(10_000)
    book.note({ at: 16_000, partitions: [place(0, 130, 130)] })
    expect(book.behindMs()).toBe(0)
  })
  test('the slowest partition counts', () => {
    const book = createLagBook()
    book.note({ at: 0, partitions: [place(0, 10, 10), place(1, 10, 10)] })
    book.note({ at: 5_000, partitions: [place(0, 20, 20), place(1, 10, 11)] })
    book.note({ at: 10_000, partitions: [place(0, 30, 30), place(1, 10, 12)] })
    expect(book.behindMs()).toBe(10_000)
  })
  test('what retention took away is not waited for, and a group without a place begins with the oldest', () => {
    const book = createLagBook()
    book.note({ at: 0, partitions: [place(0, 3, 9, 9), place(1, -1, 7, 7)] })
    expect(book.behindMs()).toBe(0)
  })
  test('a day of growing lag stays bounded and is still told', () => {
    const book = createLagBook()
    book.note({ at: 0, partitions: [place(0, 0, 0)] })
    for (let n = 1; n <= 17_280; n += 1) book.note({ at: n * 5_000, partitions: [place(0, 0, n)] })
    expect(book.behindMs()).toBe(86_400_000)
  })
})

describe('messages that are too large', () => {
  test('the others are written, and the places of the large ones are those of the whole batch', async () => {
    const cameras = ['a', 'b', 'c'].map((id) => hazardEvent({ source: { kind: 'camera', id } }))
    const messages = cameras.map((event) => hazardMessage(event, { kind: 'start', seq: 1 }))
    const written: string[] = []
    const transport = createKafkaTransport({
      async produce(_topic, records) {
        written.push(...records.map(({ key }) => key))
        throw new SharpEyesError('too_large', 'one is too large', { details: { indexes: [1] } })
      },
      probe: async () => undefined,
    })
    await expect(transport.send(messages)).rejects.toMatchObject({
      code: 'too_large',
      details: { indexes: [1] },
    })
    expect(written).toEqual(['a', 'b', 'c'])
  })
})
