import type { KafkaMessage } from 'kafkajs'
import type { RefusedMessage } from '../../core/ports/messages.ts'
import type { EpochMs } from '../../core/units.ts'
import type { RawRecord } from './limits.ts'

/** Why a message is dead, in the words of the headers. */
export interface DeadLetterFacts {
  readonly topic: string
  readonly partition: number
  readonly message: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>
  readonly refused: RefusedMessage
  readonly at: EpochMs
}

const MAX_REASON = 1_000

/** The record for `<topic>.dlq`: key, value and headers as they came, and headers of ours that say why. */
export const deadLetter = ({ topic, partition, message, refused, at }: DeadLetterFacts): RawRecord => ({
  key: message.key,
  value: message.value,
  headers: {
    ...message.headers,
    'x-error-class': classOf(message.value),
    'x-error-message': refused.error.slice(0, MAX_REASON),
    'x-original-topic': topic,
    'x-original-partition': String(partition),
    'x-original-offset': message.offset,
    'x-first-failed-at': new Date(at).toISOString(),
  },
})

/** `empty`: no value at all · `not_json` · `refused`: JSON that is no message, or one that the database cannot hold. */
function classOf(value: Buffer | null): 'empty' | 'not_json' | 'refused' {
  if (value === null) return 'empty'
  try {
    JSON.parse(value.toString('utf8'))
    return 'refused'
  } catch {
    return 'not_json'
  }
}
