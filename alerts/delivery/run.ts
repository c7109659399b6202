import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics, Tracer } from '../../core/ports/telemetry.ts'
import { noTracer } from '../../core/trace.ts'
import type { DurationMs } from '../../core/units.ts'
import { readDepartments } from '../routing/city.ts'
import { claim } from './claim.ts'
import { channelTarget } from './enqueue.ts'
import { matterOf } from './matter.ts'
import { recordOutcome } from './record.ts'
import type { NotificationRow } from './row.ts'

export interface DeliveryDeps {
  readonly database: Database
  readonly channels: readonly Channel[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer?: Tracer
  /** Time a call may take; default 15 s (Standard Webhooks: 15–30 s). */
  readonly callTimeoutMs?: DurationMs
  /** Calls at the same time; default 8. */
  readonly concurrency?: number
}

const CALL_TIMEOUT_MS = 15_000
const CONCURRENCY = 8
/** The floor under NOTIFY, which may be lost with its connection; also how late a retry may be. */
const POLL_MS = 1_000
/** At stop, calls under way get this long before they are given up with an unknown outcome. */
const STOP_GRACE_MS = 3_000

/** Sends what is due until aborted. Any number of these may run on one database. */
export async function runDelivery(deps: DeliveryDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { database, clock, log, signal } = deps
  const concurrency = deps.concurrency ?? CONCURRENCY
  const stopCalls = new AbortController()
  const inFlight = new Set<Promise<void>>()
  let wake = Promise.withResolvers<void>()
  let listener: AsyncDisposable | null = null
  try {
    while (!signal.aborted) {
      try {
        listener ??= await database.listen('notifications', () => wake.resolve())
        const claimed = await claimFree(deps, concurrency - inFlight.size)
        for (const row of claimed) {
          const call = deliver(deps, row, stopCalls.signal)
            .catch((error: unknown) => {
              log.error({ notification: row.id, error: text(error) }, 'a delivery could not be recorded')
            })
            .finally(() => {
              inFlight.delete(call)
              wake.resolve()
            })
          inFlight.add(call)
        }
      } catch (error) {
        log.warn({ error: text(error) }, 'notifications cannot be read now: trying again')
        await clock.sleep(POLL_MS, signal).catch(() => undefined)
      }
      const timer = new AbortController()
      const floor = clock.sleep(POLL_MS, AbortSignal.any([signal, timer.signal])).catch(() => undefined)
      await Promise.race([wake.promise, floor])
      timer.abort()
      wake = Promise.withResolvers<void>()
    }
    const grace = new AbortController()
    const ended = clock.sleep(STOP_GRACE_MS, grace.signal).catch(() => undefined)
    await Promise.race([Promise.all(inFlight), ended])
    grace.abort()
    stopCalls.abort()
    await Promise.all(inFlight)
  } finally {
    await listener?.[Symbol.asyncDispose]()
  }
}

/** One round without the loop: sends everything that is due now. Returns how many calls were made. */
export async function deliverOnce(deps: DeliveryDeps): Promise<number> {
  const rows = await claimFree(deps, deps.concurrency ?? CONCURRENCY)
  await Promise.all(rows.map((row) => deliver(deps, row, new AbortController().signal)))
  return rows.length
}

const claimFree = async (deps: DeliveryDeps, limit: number): Promise<readonly NotificationRow[]> =>
  limit > 0 ? claim(deps.database, { limit, callTimeoutMs: deps.callTimeoutMs ?? CALL_TIMEOUT_MS }) : []

async function deliver(deps: DeliveryDeps, row: NotificationRow, stop: AbortSignal): Promise<void> {
  const { database, clock, log, tracer = noTracer } = deps
  const matter = await matterOf(database, row)
  const started = clock.now()
  const outcome = await call(deps, row, stop)
  const duration = Math.max(0, clock.now() - started)
  const place = { parent: matter.event === undefined ? null : tracer.context(matter.event) }
  const facts = { ...matter, channel: row.channel, department: row.department, code: outcome.code }
  tracer.record('notification', { ...place, facts }, started, clock.now())
  const fields = {
    ...matter,
    notification: row.id,
    messageId: row.message_id,
    step: row.step,
    department: row.department,
  }
  if (outcome.kind === 'delivered') log.info({ ...fields, code: outcome.code }, 'notification delivered')
  else {
    const { code, error } = outcome
    log.warn({ ...fields, code, error, attempt: row.attempt }, 'notification not delivered')
  }
  await recordSurely(deps, row, outcome, duration, stop)
}

async function call(deps: DeliveryDeps, row: NotificationRow, stop: AbortSignal): Promise<DeliveryOutcome> {
  const channel = deps.channels.find(({ kind }) => kind === row.channel)
  const departments = await readDepartments(deps.database)
  const target = channelTarget(departments.get(row.department), row)
  if (!channel || !target) {
    const error = `department ${row.department} has no ${row.channel} channel ${row.recipient} in the city file any more`
    return { kind: 'failed', retryable: false, code: 'no_channel', error }
  }
  const timeout = AbortSignal.timeout(deps.callTimeoutMs ?? CALL_TIMEOUT_MS)
  const signal = AbortSignal.any([stop, timeout])
  const givenUp = (): DeliveryOutcome => {
    const [code, why] = timeout.aborted
      ? ['timeout', 'no answer in time']
      : ['stopped', 'this worker stopped']
    return { kind: 'failed', retryable: true, code, error: `${why}: it may have arrived` }
  }
  // Raced, so that a channel which does not listen to its signal cannot hold the row longer than `until`.
  const aborted = new Promise<DeliveryOutcome>((resolve) => {
    signal.addEventListener('abort', () => resolve(givenUp()), { once: true })
  })
  const delivery = channel
    .deliver({ id: row.message_id, payload: row.payload, target }, signal)
    .catch((): DeliveryOutcome => {
      if (signal.aborted) return givenUp()
      return { kind: 'failed', retryable: true, code: 'channel_error', error: `channel ${row.channel} broke` }
    })
  return Promise.race([delivery, aborted])
}

/** With the database away for a moment the outcome is still known: try until the row is anybody's again. */
async function recordSurely(
  deps: DeliveryDeps,
  row: NotificationRow,
  outcome: DeliveryOutcome,
  durationMs: DurationMs,
  stop: AbortSignal,
): Promise<void> {
  for (let tries = 5; ; tries--) {
    try {
      return await recordOutcome(deps, row, outcome, durationMs)
    } catch (error) {
      if (tries === 0 || stop.aborted) throw error
      await deps.clock.sleep(POLL_MS, stop)
    }
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))
