import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { InboundMessage } from '../../core/topics.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { type KafkaTransport, placesOf } from '../kafka/transport.ts'
import { afterFailure, afterProbe, afterSuccess, startWay, type Way } from './way.ts'

export interface SwitchingTransport extends EventTransport, AsyncDisposable {
  /** For health. `error`: why Kafka is not used (or, while `way` is kafka, why it did not take the last messages). */
  state(): { readonly way: Way['way']; readonly since: EpochMs; readonly error: string | null }
}

export interface SwitchingDeps {
  readonly kafka: KafkaTransport
  readonly direct: EventTransport
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Kafka away for so long: messages go directly. */
  readonly awayMs?: DurationMs
  /** While they do, Kafka is asked as often. */
  readonly probeMs?: DurationMs
}

const AWAY_MS = 10_000
const PROBE_MS = 5_000
/** Between two attempts of one call. */
const AGAIN_MS = 500

/**
 * Kafka while it works, else straight to the inbox, and back by itself (DESIGN 2). A message may go both ways (Kafka can
 * have written what it did not acknowledge): the inbox knows it by its id. `send` rejects only when neither way takes it.
 */
export function createSwitchingTransport(deps: SwitchingDeps): SwitchingTransport {
  const { kafka, direct, clock, log, metrics } = deps
  const awayMs = deps.awayMs ?? AWAY_MS
  const closing = new AbortController()
  let way = startWay(clock.now())
  tell()
  const probing = probeLoop()

  function enter(next: Way): void {
    const before = way
    way = next
    if (before.way === next.way) return
    metrics.count('transport_switches_total', { to: next.way })
    tell()
    if (next.way === 'direct')
      log.error(
        { error: next.error, awayMs },
        'Kafka is away: events go straight to the alerting service until it is back',
      )
    else log.info({ afterMs: next.since - before.since }, 'Kafka is back: events go through it again')
  }

  function tell(): void {
    metrics.gauge('transport_direct', {}, way.way === 'direct' ? 1 : 0)
  }

  async function probeLoop(): Promise<void> {
    const { signal } = closing
    while (!signal.aborted) {
      await clock.sleep(deps.probeMs ?? PROBE_MS, signal).catch(() => undefined)
      if (signal.aborted || way.way === 'kafka') continue
      try {
        await kafka.probe()
        enter(afterProbe(way, clock.now()))
      } catch (error) {
        const { message } = toSharpEyesError(error)
        if (way.way === 'direct') way = { ...way, error: message }
        metrics.count('transport_probes_failed_total')
      }
    }
  }

  /** Answers the messages that Kafka did not take and will not take. */
  async function throughKafka(messages: readonly InboundMessage[]): Promise<readonly InboundMessage[]> {
    // Of this call: what others send meanwhile, to other topics and partitions, may well succeed.
    const startedAt = clock.now()
    while (way.way === 'kafka') {
      try {
        const tooLarge = await kafka.send(messages).then(
          () => [],
          (error: unknown) => placesOf(error),
        )
        enter(afterSuccess(way))
        metrics.count('transport_sent_total', { way: 'kafka' }, messages.length - tooLarge.length)
        return tooLarge.flatMap((place) => messages[place] ?? [])
      } catch (error) {
        const { message } = toSharpEyesError(error)
        metrics.count('transport_failures_total', { way: 'kafka' })
        enter(afterFailure(way, { startedAt, now: clock.now(), error: message }, awayMs))
        if (way.way === 'kafka') await clock.sleep(AGAIN_MS, closing.signal)
      }
    }
    return messages
  }

  return {
    async send(messages) {
      if (messages.length === 0) return
      const left = await throughKafka(messages)
      if (left.length === 0) return
      await direct.send(left)
      metrics.count('transport_sent_total', { way: 'direct' }, left.length)
    },
    state: () => ({ way: way.way, since: way.since, error: way.error }),
    async [Symbol.asyncDispose]() {
      closing.abort()
      await probing
    },
  }
}
