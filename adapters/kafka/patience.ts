import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'

/** This consumer's place in its group. */
export interface Place {
  /** Says that we live. Throws when the place is lost: the partitions are dealt anew. */
  heartbeat(): Promise<void>
  /** Whether the messages in hand are still ours to handle. */
  goesOn(): boolean
}

export interface PatienceDeps {
  readonly topic: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
  /** How often the group hears from us while something takes long. */
  readonly beatMs: DurationMs
  /** Told why messages cannot be taken, and with null when they can again. */
  readonly onWaiting: (error: string | null) => void
}

export interface Patience {
  /** Tries until it works and keeps the place meanwhile. Null: it is no longer ours. Throws what `heartbeat` throws. */
  untilDone<T>(work: () => Promise<T>, place: Place): Promise<T | null>
}

const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 5_000, factor: 2, jitter: 0.3 }

/** Waiting without losing the place: who is put out of the group for a slow database reads the same messages for ever. */
export function createPatience(deps: PatienceDeps): Patience {
  const { topic, clock, log, metrics, signal } = deps
  let waiting = 0

  function failed(failures: number, error: unknown): DurationMs {
    const waitMs = backoffMs(BACKOFF, failures, Math.random)
    const { message } = toSharpEyesError(error)
    if (failures === 1) waiting += 1
    deps.onWaiting(message)
    metrics.count('bus_consumer_waits_total', { topic })
    // The first few, then one a minute: an outage is one story.
    const level = failures <= 3 || failures % 12 === 0 ? 'warn' : 'debug'
    log[level](
      { topic, failures, waitMs, error: message },
      'messages cannot be taken now: their offset stays',
    )
    return waitMs
  }

  return {
    async untilDone(work, place) {
      let failures = 0
      try {
        while (place.goesOn()) {
          const end = await beating(work(), place)
          if (end.kind === 'done') return end.value
          if (end.kind === 'lost') throw end.cause
          failures += 1
          // Woken by the end of the process.
          const sleep = clock.sleep(failed(failures, end.error), signal)
          const rest = await beating(sleep, place)
          if (rest.kind === 'lost') throw rest.cause
        }
        return null
      } finally {
        if (failures > 0) waiting -= 1
        if (failures > 0 && waiting === 0) deps.onWaiting(null)
      }
    },
  }

  /**
   * Awaits the work and beats in between. A lost place is told only when the work has ended: nobody starts the same
   * messages in this process while a transaction of them runs.
   */
  async function beating<T>(work: Promise<T>, place: Place): Promise<Ended<T>> {
    const ended = work.then(
      (value): Ended<T> => ({ kind: 'done', value }),
      (error: unknown): Ended<T> => ({ kind: 'failed', error }),
    )
    for (;;) {
      const timer = new AbortController()
      const tick = clock.sleep(deps.beatMs, timer.signal).then(
        () => null,
        () => null,
      )
      const first = await Promise.race([ended, tick])
      timer.abort()
      if (first) return first
      try {
        await place.heartbeat()
      } catch (cause) {
        await ended
        return { kind: 'lost', cause }
      }
    }
  }
}

type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'lost'; readonly cause: unknown }
