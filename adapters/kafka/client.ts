import { Kafka, logLevel, type SASLOptions } from 'kafkajs'
import type { Log } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { guardKafkajs } from './guard.ts'
import { kafkaLog } from './log.ts'
import type { KafkaSettings } from './settings.ts'

/**
 * Tries of kafkajs within one call: about 3 s in all, then the caller is told. Given in full: what is absent would come
 * from kafkajs's table, and that is another one where NODE_ENV is `test`.
 */
export const KAFKA_RETRY = {
  initialRetryTime: 100,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 1_000,
  retries: 5,
}

/** A client of kafkajs, guarded. One for each consumer: those of one client share their committed offsets. */
export function createKafkaClient(
  settings: KafkaSettings,
  options: { readonly clientId: string; readonly log: Log; readonly requestTimeoutMs: DurationMs },
): Kafka {
  guardKafkajs()
  const { brokers, tls, sasl } = settings
  const { clientId, log, requestTimeoutMs } = options
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: tls,
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
    connectionTimeout: 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: requestTimeoutMs,
    retry: KAFKA_RETRY,
    logLevel: logLevel.WARN,
    logCreator: kafkaLog(log, sasl ? [sasl.password] : []),
  })
}

/** One mechanism, one type: kafkajs tells them apart by it. */
const saslOptions = ({ mechanism, username, password }: NonNullable<KafkaSettings['sasl']>): SASLOptions =>
  mechanism === 'plain' ? { mechanism, username, password } : { mechanism, username, password }
