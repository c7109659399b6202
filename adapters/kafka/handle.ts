import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { SharpEyesError } from '../../core/errors.ts'
import type { MessageReceiver, RefusedMessage } from '../../core/ports/messages.ts'
import { deadLetter } from './dead-letter.ts'
import { gather } from './gather.ts'
import type { RawRecord } from './limits.ts'
import { createPatience, type PatienceDeps, type Place } from './patience.ts'
import type { KafkaProducer } from './producer.ts'

export interface HandleDeps extends PatienceDeps {
  readonly receiver: MessageReceiver
  /** For dead letters. */
  readonly producer: Pick<KafkaProducer, 'produceRaw'>
}

/** What the handler uses of kafkajs's payload. */
type Payload = Pick<
  EachBatchPayload,
  | 'batch'
  | 'resolveOffset'
  | 'heartbeat'
  | 'commitOffsetsIfNecessary'
  | 'uncommittedOffsets'
  | 'isRunning'
  | 'isStale'
>

/** What one call of the receiver gets: one transaction of the inbox. */
const CHUNK = 256
/** Calls side by side: the program reads the next messages while the database writes the last ones. */
const CALLS_AT_ONCE = 4
/**
 * Tries of a dead letter, about a minute: its topic may have no leader while this one has. Where Kafka is away altogether
 * the reader is out of its group before, and the messages come again.
 */
const BURIALS = 12
/** A value that is not there: for the receiver a message without content, which it refuses. */
const NOTHING = new Uint8Array(0)

/**
 * Handles what one fetch brought of one partition, in order, a chunk at a time: the receiver commits, refused messages go
 * to the dead letters, and only then the offset moves (invariant 2). While the receiver cannot take them (the database is
 * away) it waits here. Throws what `heartbeat` and the commit of the offset throw: after a rebalance the messages come
 * again.
 */
export function createHandler(deps: HandleDeps): (payload: Payload) => Promise<void> {
  const { topic, producer, clock, log, metrics, signal } = deps
  const receiver = gather(deps.receiver, { atOnce: CALLS_AT_ONCE, max: CHUNK })
  const patience = createPatience(deps)
  let committing: Promise<void> | null = null

  return async (payload) => {
    const { messages, partition } = payload.batch
    const place: Place = {
      heartbeat: payload.heartbeat,
      goesOn: () => payload.isRunning() && !payload.isStale() && !signal.aborted,
    }
    for (let at = 0; at < messages.length && place.goesOn(); at += CHUNK) {
      const chunk = messages.slice(at, at + CHUNK)
      const values = chunk.map(({ value }) => value ?? NOTHING)
      const refused = await patience.untilDone(() => receiver.receive(values), place)
      if (refused === null) return // whoever has the partition next reads them again
      const letters = lettersOf(partition, chunk, refused)
      if (letters.length > 0 && (await patience.untilDone(burialOf(letters), place)) === null) return
      payload.resolveOffset(lastOffset(chunk))
      await commit(payload)
      metrics.count('bus_consumed_total', { topic }, chunk.length)
      await payload.heartbeat()
    }
  }

  /** Partitions whose messages were committed by one transaction move their offsets by one request. */
  function commit({ commitOffsetsIfNecessary, uncommittedOffsets }: Payload): Promise<void> {
    committing ??= nextTurn().then(() => {
      committing = null
      return commitOffsetsIfNecessary(uncommittedOffsets())
    })
    return committing
  }

  function lettersOf(
    partition: number,
    chunk: readonly KafkaMessage[],
    refused: readonly RefusedMessage[],
  ): readonly RawRecord[] {
    const at = clock.now()
    return refused.flatMap((refusal) => {
      const message = chunk[refusal.index]
      return message ? [deadLetter({ topic, partition, message, refused: refusal, at })] : []
    })
  }

  /** Dead letters that cannot be written must not stop the living: the database has the bytes as well. */
  function burialOf(letters: readonly RawRecord[]): () => Promise<true> {
    let tries = 0
    return async () => {
      tries += 1
      try {
        await producer.produceRaw(`${topic}.dlq`, letters)
      } catch (error) {
        if (!(error instanceof SharpEyesError) || (error.retryable && tries < BURIALS)) throw error
        metrics.count('bus_dead_letters_unsent_total', { topic }, letters.length)
        log.error(
          { topic, error: error.message },
          'dead letters cannot be written to the bus; they are in the database alone',
        )
      }
      return true
    }
  }
}

function lastOffset(chunk: readonly KafkaMessage[]): string {
  const last = chunk.at(-1)
  if (!last) throw new Error('a chunk has a message')
  return last.offset
}
