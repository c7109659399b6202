import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { BusProducer, BusRecord } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { readFacts } from './facts.ts'
import { type BusChange, busChange } from './message.ts'
import { type PositionedChange, readChanges } from './read.ts'

export interface PublisherDeps {
  readonly database: Database
  readonly producer: BusProducer
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Any number will do as long as it is always this one. */
const PUBLISHER_LOCK = 7_382_140_595
const MAX_BATCH = 500
/** The floor under NOTIFY, which may be lost with its connection. */
const POLL_MS = 1_000
/** A producer that has not answered by then is asked again: the same messages under the same ids. */
const PRODUCE_LIMIT_MS = 60_000
const BACKOFF: BackoffPolicy = { firstMs: 500, maxMs: 30_000, factor: 2, jitter: 0.2 }

export interface Published {
  /** Messages that the broker acknowledged. */
  readonly count: number
  /** Whether another publisher held the lock: nothing was done. */
  readonly standby: boolean
  /** Whether more may wait. */
  readonly more: boolean
}

/**
 * Publishes the next changes and then moves the position, in one transaction that holds the lock: when a publisher dies,
 * or the broker is away, the position stays and the next one publishes the same messages again under the same ids. Two
 * at once (one lost its connection while its call was on the way) read the same position, so that the first copies of all
 * messages are in order all the same. Throws when the broker or the database is away.
 */
export async function publishOnce(
  deps: PublisherDeps,
  signal: AbortSignal = new AbortController().signal,
): Promise<Published> {
  const { database, clock, metrics } = deps
  const lag = (since: number | null) =>
    metrics.gauge(
      'changes_publish_lag_seconds',
      {},
      since === null ? 0 : Math.max(0, clock.now() - since) / 1000,
    )
  const done = await database.transaction(async (tx) => {
    const lock = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      PUBLISHER_LOCK,
    ])
    if (!lock.rows[0]?.mine) return null
    // In statements after the lock: they see what the last holder committed. Nothing is written before the broker has
    // answered, so that a slow broker holds back nobody's vacuum.
    const { pos, log: logId } = await readPublisher(tx)
    const changes = await readChanges(tx, pos, MAX_BATCH)
    const last = changes.at(-1)
    if (!last) return { sent: [], full: false, newest: null }
    lag(changes[0]?.at.getTime() ?? null)
    noticeGap(deps, pos, changes)
    const facts = await readFacts(tx, changes)
    const sent = changes.flatMap((change) => busChange(change, facts, logId) ?? [])
    await withinLimit(produce(deps.producer, sent), clock, signal)
    await tx.query('update change_publisher set pos = $2 where pos = $1', [pos, last.pos])
    return { sent, full: changes.length === MAX_BATCH, newest: last.at.getTime() }
  })
  if (!done) {
    lag(null) // the active one says it
    return { count: 0, standby: true, more: false }
  }
  lag(done.full ? done.newest : null)
  report(deps, done.sent)
  return { count: done.sent.length, standby: false, more: done.full }
}

/** Publishes what gets a position until aborted; outlives broker and database being away. Any number may run. */
export async function runPublisher(deps: PublisherDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { database, clock, log, metrics, signal } = deps
  let wake = Promise.withResolvers<void>()
  let listener: AsyncDisposable | null = null
  let failures = 0
  try {
    while (!signal.aborted) {
      try {
        listener ??= await database.listen('positions', () => wake.resolve())
        const { more } = await publishOnce(deps, signal)
        if (failures > 0) log.info({ failures }, 'changes are published again')
        failures = 0
        if (more) continue
      } catch (error) {
        if (signal.aborted) break
        failures += 1
        const waitMs = backoffMs(BACKOFF, failures, Math.random)
        metrics.count('changes_publish_failures_total')
        // The first few, then one every few minutes: an outage is one story, not a flood.
        const level = failures <= 3 || failures % 8 === 0 ? 'warn' : 'debug'
        const { message } = toSharpEyesError(error)
        log[level]({ failures, waitMs, error: message }, 'changes cannot be published now: trying again')
        await clock.sleep(waitMs, signal).catch(() => undefined) // aborted: the loop ends
        continue
      }
      const timer = new AbortController()
      const floor = clock.sleep(POLL_MS, AbortSignal.any([signal, timer.signal])).catch(() => undefined)
      await Promise.race([wake.promise, floor])
      timer.abort()
      // A notification that comes from here on wakes the next round.
      wake = Promise.withResolvers<void>()
    }
  } finally {
    await listener?.[Symbol.asyncDispose]()
  }
}

/**
 * To be called once after a database was restored from a copy: positions are given again from there on, and readers that
 * know the old messages must not take the new ones for copies.
 */
export async function renewPublisher(database: Queryable): Promise<void> {
  await database.query('update change_publisher set log = gen_random_uuid()')
}

async function readPublisher(tx: Queryable): Promise<{ pos: string; log: string }> {
  const { rows } = await tx.query<{ pos: string; log: string }>(
    'select pos::text as pos, log::text as log from change_publisher',
  )
  const [row] = rows
  if (!row) throw new SharpEyesError('internal', 'change_publisher has no row: the database is not migrated')
  return row
}

/** Positions have no gap, so a hole means that retention was faster than the publisher. */
function noticeGap({ log, metrics }: PublisherDeps, pos: string, [first]: readonly PositionedChange[]): void {
  if (!first || BigInt(first.pos) === BigInt(pos) + 1n) return
  const fields = { after: pos, first: first.pos }
  // A site that publishes for the first time begins with what its log still has.
  if (pos === '0') {
    log.info(fields, 'publishing begins with the oldest change that is kept')
    return
  }
  metrics.count('changes_publish_gaps_total')
  log.error(fields, 'changes were deleted before they were published: readers of the bus miss them')
}

/** One call a topic, so that the records of one key stay in order. */
async function produce(producer: BusProducer, sent: readonly BusChange[]): Promise<void> {
  const topics = new Map<BusChange['topic'], BusRecord[]>()
  for (const { topic, record } of sent) {
    const records = topics.get(topic) ?? []
    records.push(record)
    topics.set(topic, records)
  }
  await Promise.all([...topics].map(([topic, records]) => producer.produce(topic, records)))
}

function report({ log, metrics }: PublisherDeps, sent: readonly BusChange[]): void {
  for (const { topic, record, fault } of sent) {
    metrics.count('changes_published_total', { topic })
    if (fault !== null)
      log.error({ topic, key: record.key, fault }, 'a change fits no message: it is in the dead-letter topic')
  }
}

/** The answer, or a rejection after the limit or at the stop. The call itself cannot be taken back. */
async function withinLimit(work: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  const timer = new AbortController()
  const limit = clock.sleep(PRODUCE_LIMIT_MS, AbortSignal.any([signal, timer.signal])).then(() => {
    throw new SharpEyesError(
      'transport_unavailable',
      `the broker has not acknowledged within ${PRODUCE_LIMIT_MS / 1000} s`,
    )
  })
  try {
    await Promise.race([work, limit])
  } finally {
    timer.abort()
    limit.catch(() => undefined)
  }
}
