import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import type { Clock, EventTransport, Log, Metrics } from '../../core/ports.ts'
import type { Spool } from './spool.ts'

export interface DrainDeps {
  readonly spool: Pick<Spool, 'take' | 'remove' | 'filled'>
  readonly transport: EventTransport
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
  /** Messages a call of `send`. */
  readonly batch?: number
}

const BATCH = 200
/** At most 10 s, so that a database that is back is noticed soon. */
const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 10_000, factor: 2, jitter: 0.3 }

/** Sends one batch and forgets it once the other side has it. Returns how many; throws when the other side is away. */
export async function drainOnce(deps: Omit<DrainDeps, 'signal'>): Promise<number> {
  const { spool, transport, clock, metrics } = deps
  const batch = await spool.take(deps.batch ?? BATCH)
  if (batch.length === 0) return 0
  const startedAt = clock.now()
  await transport.send(batch.map((item) => item.message))
  // Killed here, they are sent again: the inbox knows them by their ids.
  await spool.remove(batch.map((item) => item.id))
  metrics.observe('spool_send_seconds', {}, (clock.now() - startedAt) / 1000)
  metrics.count('spool_sent_total', {}, batch.length)
  return batch.length
}

/** Empties the spool as long as it fills, one batch after the other, until aborted. */
export async function runDrain(deps: DrainDeps): Promise<void> {
  const { spool, clock, log, metrics, signal } = deps
  let failures = 0
  while (!signal.aborted) {
    try {
      if ((await drainOnce(deps)) === 0) await spool.filled(signal)
      if (failures > 0) log.info({ failures }, 'events can be handed on again')
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      const waitMs = backoffMs(BACKOFF, failures, Math.random)
      metrics.count('spool_send_failures_total')
      // The first few, then one a minute or so: an outage of ten minutes is one story, not a flood.
      const level = failures <= 3 || failures % 6 === 0 ? 'warn' : 'debug'
      log[level](
        { failures, waitMs, error: error instanceof Error ? error.message : String(error) },
        'events cannot be handed on now: they stay in the spool',
      )
      await clock.sleep(waitMs, signal).catch(() => undefined) // aborted: the loop ends
    }
  }
}
