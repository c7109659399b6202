import { SharpEyesError } from '../../core/errors.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { INBOUND_TOPICS, keyOf, topicOf } from '../../core/topics.ts'
import type { KafkaProducer } from './producer.ts'

/** CloudEvents' Kafka binding, structured mode. */
const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' }

export interface KafkaTransport extends EventTransport {
  /** Rejects while Kafka is away. */
  probe(): Promise<void>
}

/**
 * Through a topic: `send` resolves when every copy of the partition has the messages. Rejects with `transport_unavailable`,
 * or with `too_large` when everything else is written; `details.indexes` are the places of those that are not.
 */
export function createKafkaTransport(producer: Pick<KafkaProducer, 'produce' | 'probe'>): KafkaTransport {
  return {
    async send(messages) {
      const tooLarge: { index: number; why: string }[] = []
      for (const [topic, batch] of Map.groupBy(messages.entries(), ([, message]) => topicOf(message))) {
        const records = batch.map(([, message]) => ({
          key: keyOf(message),
          value: Buffer.from(JSON.stringify(message)),
          headers: HEADERS,
        }))
        await producer.produce(topic, records).catch((error: unknown) => {
          for (const place of placesOf(error)) {
            const index = batch[place]?.[0]
            if (index !== undefined) tooLarge.push({ index, why: (error as Error).message })
          }
        })
      }
      if (tooLarge.length === 0) return
      throw new SharpEyesError('too_large', [...new Set(tooLarge.map(({ why }) => why))].join('; '), {
        details: { indexes: tooLarge.map(({ index }) => index).toSorted((a, b) => a - b) },
      })
    },
    probe: () => producer.probe(INBOUND_TOPICS),
  }
}

/** Places of the messages that were refused as too large; any other failure is thrown on. */
export function placesOf(error: unknown): readonly number[] {
  if (error instanceof SharpEyesError && error.code === 'too_large') {
    const { indexes } = error.details
    if (Array.isArray(indexes)) return indexes.filter((place) => typeof place === 'number')
  }
  throw error
}
