import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { InboundTopic } from '../../core/topics.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { type LifeEnd, liveOnce } from './consumer-life.ts'
import { kafkaFailure } from './failure.ts'
import { createHandler } from './handle.ts'
import { createLagWatch } from './lag-watch.ts'
import type { KafkaProducer } from './producer.ts'
import type { KafkaSettings } from './settings.ts'

export interface ConsumerDeps {
  readonly settings: KafkaSettings
  /** All processes of a group share the topics' partitions. Each topic has a group of its own, `<group>.<topic>`. */
  readonly group: string
  readonly receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>
  /** For dead letters. */
  readonly producer: Pick<KafkaProducer, 'produceRaw'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** A member that is not heard of for so long has lost its partitions. */
  readonly sessionMs?: DurationMs
  /** Called after a consumer has ended without being asked to, before a new one is built. */
  readonly onRestart?: (facts: { readonly topic: string; readonly reason: string }) => void
}

/**
 * `joining`: not in the group yet · `reading` · `waiting`: the receiver cannot take messages (`error` says why) ·
 * `away`: Kafka cannot be reached, or the last consumer fell silent; a new one is built.
 */
export interface ConsumerState {
  readonly topic: InboundTopic
  readonly state: 'joining' | 'reading' | 'waiting' | 'away'
  readonly since: EpochMs
  readonly error: string | null
  /** Partitions that this process reads. */
  readonly partitions: number
  /** Times that a consumer had to be built anew. */
  readonly restarts: number
}

export interface BusConsumer {
  /** Reads until aborted. */
  run(signal: AbortSignal): Promise<void>
  state(): readonly ConsumerState[]
  /** Seconds by which the slowest topic's group is behind; null: not known now (Kafka is away, or nothing was asked yet). */
  lagSeconds(): number | null
}

/** The least that brokers take as shipped: so long the messages of a process that was killed wait for another one. */
const SESSION_MS = 6_000
/** At most 5 s, so that a broker that is back is noticed soon. */
const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 5_000, factor: 2, jitter: 0.3 }

/** Takes messages off the bus, one consumer a topic: a flood of readings holds no event back. */
export function createBusConsumer(deps: ConsumerDeps): BusConsumer {
  const { receivers } = deps
  const topics = (Object.keys(receivers) as InboundTopic[]).flatMap((topic) => {
    const receiver = receivers[topic]
    return receiver ? [createTopicReader(deps, topic, receiver)] : []
  })
  return {
    async run(signal) {
      await Promise.all(topics.map((topic) => topic.run(signal)))
    },
    state: () => topics.map((topic) => topic.state()),
    lagSeconds() {
      const all = topics.map((topic) => topic.lagSeconds())
      return all.some((seconds) => seconds === null) ? null : Math.max(0, ...all.map(Number))
    },
  }
}

function createTopicReader(deps: ConsumerDeps, topic: InboundTopic, receiver: MessageReceiver) {
  const { settings, clock, log, metrics } = deps
  const groupId = `${deps.group}.${topic}`
  const sessionMs = deps.sessionMs ?? SESSION_MS
  const lag = createLagWatch({ settings, topic, groupId, clock, log, metrics })
  let state: ConsumerState = {
    ...{ topic, state: 'joining', since: clock.now(), error: null, partitions: 0, restarts: 0 },
  }

  function enter(next: Partial<ConsumerState>): void {
    const since = next.state && next.state !== state.state ? clock.now() : state.since
    state = { ...state, ...next, since }
    metrics.gauge('bus_consumer_partitions', { topic }, state.partitions)
  }

  async function read(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const handle = createHandler({
        ...{ topic, receiver, producer: deps.producer, clock, log, metrics, signal, beatMs: sessionMs / 4 },
        onWaiting: (error) => enter({ state: error === null ? 'reading' : 'waiting', error }),
      })
      const end = await liveOnce({
        ...{ settings, topic, groupId, sessionMs, clock, log, signal, handle },
        onJoined(partitions) {
          failures = 0
          metrics.count('bus_consumer_joins_total', { topic })
          log.info({ topic, groupId, partitions }, 'reading from the bus')
          enter({ state: 'reading', error: null, partitions })
        },
      })
      if (signal.aborted || end.kind === 'stopped') return
      failures += 1
      const reason = reasonOf(end)
      enter({ state: 'away', error: reason, partitions: 0, restarts: state.restarts + 1 })
      metrics.count('bus_consumer_restarts_total', { topic, reason: end.kind })
      const level = failures <= 3 || failures % 12 === 0 ? 'warn' : 'debug'
      log[level]({ topic, groupId, failures, error: reason }, 'the consumer has ended; a new one is built')
      deps.onRestart?.({ topic, reason })
      await clock.sleep(backoffMs(BACKOFF, failures, Math.random), signal).catch(() => undefined)
    }
  }

  const reasonOf = (end: Exclude<LifeEnd, { kind: 'stopped' }>): string =>
    end.kind === 'silent'
      ? `neither a fetch nor a heartbeat for ${(3 * sessionMs) / 1000} s`
      : kafkaFailure(settings, end.error).message

  return {
    state: () => state,
    lagSeconds: () => lag.seconds(),
    async run(signal: AbortSignal) {
      await Promise.all([read(signal), lag.run(signal)])
    },
  }
}
