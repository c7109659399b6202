import type { HazardMessage } from '../event.ts'
import type { ReadingsMessage } from '../reading.ts'
import type { InboundMessage, Topic } from '../topics.ts'

/** Hands messages on; resolves when they are durable at the other side. Messages of one key stay in order. */
export interface EventTransport {
  send(messages: readonly InboundMessage[]): Promise<void>
}

/** The worker's own disk: `append` resolves after the commit, and from then on the event exists (invariant 1). */
export interface EventSink {
  append(message: HazardMessage): Promise<void>
}

/** As `EventSink`, for readings: the device is answered after it resolves. Rejects when the spool is full. */
export interface ReadingSink {
  append(messages: readonly ReadingsMessage[]): Promise<void>
}

/** A message that can never be applied: it is in `dead_letters` with its bytes. */
export interface RefusedMessage {
  /** Its place in the batch. */
  readonly index: number
  readonly error: string
}

/** The far end of a transport. Resolves when each message is committed or refused; rejects when the database is away. */
export interface MessageReceiver {
  /** Parsed messages, or the bytes of a record. */
  receive(messages: readonly unknown[]): Promise<readonly RefusedMessage[]>
}

export interface BusRecord {
  readonly key: string
  readonly value: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** Writes to topics of the bus; resolves with the broker's acknowledgement (`acks=all`). */
export interface BusProducer {
  produce(topic: Topic | `${Topic}.dlq`, records: readonly BusRecord[]): Promise<void>
}
