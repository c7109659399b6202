import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import type { Log, Metrics, Tracer } from '../../core/ports/telemetry.ts'
import type { InboundMessage } from '../../core/topics.ts'
import { linksOf, noTracer, turningPoints } from '../../core/trace.ts'
import { createArrival } from './arrival.ts'
import type { Spool } from './spool.ts'

export interface DrainDeps {
  readonly spool: Pick<Spool, 'take' | 'remove' | 'filled' | 'readings'>
  readonly transport: EventTransport
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer?: Tracer
  readonly signal: AbortSignal
  /** Messages a call of `send`; default 200 events or 500 messages of readings. */
  readonly batch?: number
}
type BatchDeps = Omit<DrainDeps, 'signal'>

/** One of the two tables of the spool: a batch never mixes them. */
interface Lane {
  readonly what: 'events' | 'readings'
  /** Messages a call of `send`, unless the caller says otherwise. */
  readonly batch: number
  take(limit: number): Promise<readonly { readonly id: number; readonly message: InboundMessage }[]>
  remove(ids: readonly number[]): Promise<void>
  filled(signal: AbortSignal): Promise<void>
}

/** At most 10 s, so that a database that is back is noticed soon. */
const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 10_000, factor: 2, jitter: 0.3 }

/** Where events come without a pause, readings would never leave: they wait no longer than this for one batch. */
const PATIENCE_MS = 5_000

const lanesOf = ({ spool }: Pick<DrainDeps, 'spool'>): { events: Lane; readings: Lane } => ({
  events: {
    what: 'events',
    batch: 200,
    take: (limit) => spool.take(limit),
    remove: (ids) => spool.remove(ids),
    filled: (signal) => spool.filled(signal),
  },
  readings: {
    what: 'readings',
    batch: 500,
    take: (limit) => spool.readings.take(limit),
    remove: (ids) => spool.readings.remove(ids),
    filled: (signal) => spool.readings.filled(signal),
  },
})

/**
 * Sends one batch, of events as long as there are any, and forgets it once the other side has it. Returns how many;
 * throws when the other side is away.
 */
export async function drainOnce(deps: BatchDeps): Promise<number> {
  const { events, readings } = lanesOf(deps)
  return (await sendBatch(events, deps)) || (await sendBatch(readings, deps))
}

async function sendBatch(lane: Lane, deps: BatchDeps): Promise<number> {
  const { transport, clock, metrics, tracer = noTracer } = deps
  const batch = await lane.take(deps.batch ?? lane.batch)
  if (batch.length === 0) return 0
  const startedAt = clock.now()
  const messages = batch.map((item) => item.message)
  const facts = { what: lane.what, messages: batch.length }
  await tracer.span('spool send', { facts, links: () => linksOf(messages) }, () => transport.send(messages))
  for (const { time, traceparent } of turningPoints(messages))
    if (traceparent) tracer.record('spool', { parent: traceparent }, Date.parse(time), clock.now())
  // Killed here, they are sent again: the inbox knows them by their ids.
  await lane.remove(batch.map((item) => item.id))
  metrics.observe('spool_send_seconds', { what: lane.what }, (clock.now() - startedAt) / 1000)
  metrics.count('spool_sent_total', { what: lane.what }, batch.length)
  return batch.length
}

/**
 * Empties the spool as long as it fills, until aborted. Events and readings go side by side, each batch of one kind: an
 * event never waits for readings, however many there are and whatever holds them up. Readings wait while events flow, but
 * not for ever.
 */
export async function runDrain(deps: DrainDeps): Promise<void> {
  const { events, readings } = lanesOf(deps)
  // Open while no event can be sent: none is there, or the other side does not take them now.
  const quiet = createArrival()
  async function quietOrLate(): Promise<void> {
    const over = new AbortController()
    const either = AbortSignal.any([deps.signal, over.signal])
    try {
      await Promise.race([quiet.wait(either), deps.clock.sleep(PATIENCE_MS, either)])
    } finally {
      over.abort()
    }
  }
  await Promise.all([
    runLane(events, deps, {
      sent: () => quiet.gone(),
      idle: () => quiet.came(),
      turn: async () => undefined,
    }),
    runLane(readings, deps, {
      sent: () => undefined,
      idle: () => undefined,
      turn: quietOrLate,
    }),
  ])
}

async function runLane(
  lane: Lane,
  deps: DrainDeps,
  order: { sent(): void; idle(): void; turn(): Promise<void> },
): Promise<void> {
  const { clock, log, metrics, signal } = deps
  let failures = 0
  while (!signal.aborted) {
    try {
      await order.turn()
      if ((await sendBatch(lane, deps)) > 0) order.sent()
      else {
        order.idle()
        await lane.filled(signal)
      }
      if (failures > 0) log.info({ failures }, `${lane.what} can be handed on again`)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      order.idle()
      const waitMs = backoffMs(BACKOFF, failures, Math.random)
      metrics.count('spool_send_failures_total', { what: lane.what })
      // The first few, then one a minute or so: an outage of ten minutes is one story, not a flood.
      const level = failures <= 3 || failures % 6 === 0 ? 'warn' : 'debug'
      log[level](
        { failures, waitMs, error: error instanceof Error ? error.message : String(error) },
        `${lane.what} cannot be handed on now: they stay in the spool`,
      )
      await clock.sleep(waitMs, signal).catch(() => undefined) // aborted: the loop ends
    }
  }
}
