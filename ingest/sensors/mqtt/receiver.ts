import { type BackoffPolicy, backoffMs } from '../../../core/backoff.ts'
import { toSharpEyesError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { ReadingSink } from '../../../core/ports/messages.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { ReadingsMessage } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { MqttTuning } from './settings.ts'

/** One publish with what was made of it. `ack` null: QoS 0, nobody waits for an answer. */
export interface Received<A> {
  readonly messages: readonly ReadingsMessage[]
  readonly bytes: number
  readonly ack: A | null
}

export interface Receiver<A> {
  /** `next` is called at once, or when the window has room again: until then the connection is not read on. */
  take(item: Received<A>, next: () => void): void
  /** Forgets what waits and was not begun to be stored: the broker sends it again. */
  drop(isGone: (ack: A) => boolean): void
  /** Since when and why nothing can be stored; null: it can. */
  readonly refused: { readonly code: string; readonly since: EpochMs } | null
  readonly pending: number
  /** Ends when the signal is aborted and what had come is stored or refused. */
  run(signal: AbortSignal): Promise<void>
}

/** Messages a commit. */
const MAX_BATCH = 1_000

/**
 * Collects what comes while a commit runs and hands it over as the next one: the group grows by itself with the load,
 * and one message alone waits for nobody. Answers in order after the commit, and only then. What the spool refuses stays
 * here, unanswered, and is tried again: the window is small, and the broker keeps the rest.
 */
export function createReceiver<A>(deps: {
  readonly sink: ReadingSink
  readonly acknowledge: (acks: readonly A[]) => void
  readonly tuning: Pick<MqttTuning, 'window' | 'windowBytes' | 'retryMs'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly random: () => number
}): Receiver<A> {
  const { sink, acknowledge, tuning, clock, log, metrics, random } = deps
  const backoff: BackoffPolicy = { firstMs: tuning.retryMs, maxMs: 15_000, factor: 2, jitter: 0.3 }
  let queue: Received<A>[] = []
  let held: (() => void)[] = []
  let pending = 0
  let bytes = 0
  let refused: { code: string; since: EpochMs } | null = null
  let wake: () => void = () => undefined

  const isFull = () => pending >= tuning.window || bytes >= tuning.windowBytes

  function settle(items: readonly Received<A>[]): void {
    pending -= items.length
    for (const item of items) bytes -= item.bytes
    metrics.gauge('mqtt_pending', {}, pending)
    if (isFull()) return
    const waiting = held
    held = []
    for (const next of waiting) next()
  }

  /** The head of the queue, up to a commit's worth. */
  function takeBatch(): readonly Received<A>[] {
    let count = 0
    let size = 0
    for (const { messages } of queue) {
      size += messages.length
      if (count > 0 && size > MAX_BATCH) break
      count += 1
    }
    return queue.splice(0, count)
  }

  async function store(batch: readonly Received<A>[]): Promise<boolean> {
    const messages = batch.flatMap((item) => item.messages)
    try {
      if (messages.length > 0) await sink.append(messages)
    } catch (thrown) {
      const { code, message } = toSharpEyesError(thrown)
      metrics.count('mqtt_refused_total', { code }, batch.length)
      if (refused?.code !== code) {
        refused = { code, since: clock.now() }
        log.error(
          { code, error: message, waiting: pending },
          'readings are not answered: they cannot be kept',
        )
      }
      return false
    }
    if (refused) log.info({ since: refused.since }, 'readings are kept and answered again')
    refused = null
    acknowledge(batch.flatMap((item) => (item.ack === null ? [] : [item.ack])))
    settle(batch)
    return true
  }

  /** Puts back what the broker waits for; the rest is lost, as its sender chose with QoS 0. */
  function putBack(batch: readonly Received<A>[]): void {
    const lost = batch.filter((item) => item.ack === null)
    queue = [...batch.filter((item) => item.ack !== null), ...queue]
    if (lost.length === 0) return
    metrics.count('mqtt_lost_total', {}, lost.length)
    settle(lost)
  }

  return {
    get refused() {
      return refused
    },
    get pending() {
      return pending
    },
    take(item, next) {
      queue.push(item)
      pending += 1
      bytes += item.bytes
      wake()
      if (isFull()) held.push(next)
      else next()
    },
    drop(isGone) {
      const gone = new Set(queue.filter((item) => item.ack !== null && isGone(item.ack)))
      queue = queue.filter((item) => !gone.has(item))
      settle([...gone])
    },
    async run(signal) {
      const stopped = () => wake()
      signal.addEventListener('abort', stopped)
      let failures = 0
      while (queue.length > 0 || !signal.aborted) {
        if (queue.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          continue
        }
        const batch = takeBatch()
        if (await store(batch)) {
          failures = 0
          continue
        }
        putBack(batch)
        if (signal.aborted) break // unanswered: the broker has them
        failures += 1
        await clock.sleep(backoffMs(backoff, failures, random), signal).catch(() => undefined) // aborted: one last try
      }
      signal.removeEventListener('abort', stopped)
    },
  }
}
