import { type LogEntry, type logCreator, logLevel } from 'kafkajs'
import type { Log } from '../../core/ports/telemetry.ts'

/** How a line of kafkajs is told in our log. */
export interface GradedLine {
  readonly level: 'debug' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What goes wrong here comes back to us as an error, and its reader tells it once, with the way out. */
const TOLD_BY_US = new Set(['Connection', 'RequestQueue', 'BrokerPool', 'Producer', 'Consumer'])
/** Fields that are facts: never a stack, a payload or a credential. */
const FIELDS = ['broker', 'groupId', 'memberId', 'topic', 'partition', 'offset', 'retryCount', 'retryTime']

/** Every rebalance is an ERROR for kafkajs, though it is how a group works: what is expected is told at `debug`. */
export function gradeLine({ namespace, level, log }: LogEntry, secrets: readonly string[]): GradedLine {
  const clean = (text: string) =>
    secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[redacted]')), text)
  const why = textOf(log.error)
  const expected = TOLD_BY_US.has(namespace) || /rebalanc|rejoin/i.test(`${log.message} ${why}`)
  return {
    level: expected ? 'debug' : level === logLevel.ERROR ? 'error' : 'warn',
    message: `kafkajs ${namespace}: ${clean(log.message)}`,
    fields: {
      ...Object.fromEntries(FIELDS.filter((key) => key in log).map((key) => [key, log[key]])),
      ...(why === '' ? {} : { error: clean(why) }),
    },
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : typeof error === 'string' ? error : ''

/** kafkajs's lines from WARN up, in our log. */
export const kafkaLog =
  (log: Log, secrets: readonly string[]): logCreator =>
  () =>
  (entry) => {
    const { level, fields, message } = gradeLine(entry, secrets)
    log[level](fields, message)
  }
