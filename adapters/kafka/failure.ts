import { SharpEyesError } from '../../core/errors.ts'
import type { KafkaSettings } from './settings.ts'

/** Types of protocol errors that no repetition helps, with the way out. */
const PERMANENT: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION:
    'a topic is missing; "sharp-eyes migrate" with the same KAFKA_BROKERS makes them',
  TOPIC_AUTHORIZATION_FAILED: 'KAFKA_USERNAME may not use this topic; grant it READ, WRITE and DESCRIBE',
  GROUP_AUTHORIZATION_FAILED: 'KAFKA_USERNAME may not use this consumer group; grant it READ',
  CLUSTER_AUTHORIZATION_FAILED: 'KAFKA_USERNAME may not do this on the cluster; "migrate" needs CREATE',
  INVALID_REPLICATION_FACTOR: 'KAFKA_REPLICATION asks for more copies than there are brokers',
}

/** What Kafka or kafkajs threw, as ours: `config_invalid` where waiting does not help, else `transport_unavailable`. */
export function kafkaFailure(settings: KafkaSettings, thrown: unknown): SharpEyesError {
  if (thrown instanceof SharpEyesError) return thrown
  const causes = causesOf(thrown)
  const where = `Kafka at ${settings.brokers.join(', ')}`
  const permanent = causes.map(typeOf).find((type) => type in PERMANENT)
  if (permanent !== undefined)
    return new SharpEyesError('config_invalid', `${where}: ${PERMANENT[permanent]} (${permanent})`, {
      cause: thrown,
    })
  const sasl = causes.some((error) => error.name === 'KafkaJSSASLAuthenticationError')
  const hint = sasl ? '; see KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD_FILE' : ''
  const [first] = causes
  return new SharpEyesError('transport_unavailable', `${where}: ${first?.message ?? String(thrown)}${hint}`, {
    cause: thrown,
  })
}

/** Whether the broker found the record (or the batch that it stands in) too large. */
export const isTooLarge = (thrown: unknown): boolean =>
  causesOf(thrown)
    .map(typeOf)
    .some((type) => type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE')

/** The error, what caused it, and the errors that kafkajs gathered in one (createTopics). */
function causesOf(thrown: unknown): readonly Error[] {
  if (!(thrown instanceof Error)) return []
  const gathered = 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : []
  return [thrown, ...causesOf(thrown.cause), ...gathered.flatMap(causesOf)]
}

const typeOf = (error: Error): string => ('type' in error && typeof error.type === 'string' ? error.type : '')
