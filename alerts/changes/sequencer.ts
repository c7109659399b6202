import type { Clock, Database, Log, Metrics } from '../../core/ports.ts'

export interface SequencerDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** Any number will do as long as it is always this one. */
const SEQUENCER_LOCK = 7_382_140_592
const MAX_BATCH = 1_000
/** The floor under NOTIFY, which may be lost with its connection. */
const POLL_MS = 1_000

export interface Sequenced {
  /** Rows that got a position now. */
  readonly count: number
  /** Whether another sequencer held the lock: nothing was done. */
  readonly standby: boolean
}

/**
 * Gives the committed rows that have no position yet the next ones, in order of `id`, in one transaction. The lock goes
 * with the transaction: when a sequencer dies between two batches, or in the middle of one, the next that asks goes on
 * from `change_head`. So there is always at most one active, and never a gap.
 */
export async function sequenceOnce(deps: SequencerDeps): Promise<Sequenced> {
  const { database, clock, metrics } = deps
  const done = await database.transaction(async (tx) => {
    const lock = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      SEQUENCER_LOCK,
    ])
    if (!lock.rows[0]?.mine) return null
    // In a statement after the lock: its snapshot has what the last holder committed.
    const batch = await tx.query<{ at: Date }>(
      `with first as (
         select id, row_number() over (order by id) as place
           from (select id from changes where pos is null order by id limit $1) as waiting)
       update changes c set pos = change_head.pos + first.place
         from first, change_head
        where c.id = first.id and c.pos is null
       returning c.at`,
      [MAX_BATCH],
    )
    if (batch.rowCount === 0) return { count: 0, oldest: null }
    await tx.query('update change_head set pos = pos + $1', [batch.rowCount])
    await tx.query("select pg_notify('positions', '')")
    return { count: batch.rowCount, oldest: Math.min(...batch.rows.map((row) => row.at.getTime())) }
  })
  if (!done) return { count: 0, standby: true }
  // Age of the oldest change that was waiting; 0: nothing waits. Budget: 5 s (invariant 9).
  const lag = done.oldest === null ? 0 : Math.max(0, (clock.now() - done.oldest) / 1000)
  metrics.gauge('changes_lag_seconds', {}, lag)
  if (done.count > 0) {
    metrics.observe('changes_position_seconds', {}, lag)
    metrics.count('changes_positioned_total', {}, done.count)
  }
  return { count: done.count, standby: false }
}

/** Runs until aborted: woken by NOTIFY `changes`, looks at least once a second, outlives the database being away. */
export async function runSequencer(deps: SequencerDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { database, clock, log, signal } = deps
  let wake = Promise.withResolvers<void>()
  let listener: AsyncDisposable | null = null
  try {
    while (!signal.aborted) {
      try {
        listener ??= await database.listen('changes', () => wake.resolve())
        const { count } = await sequenceOnce(deps)
        if (count === MAX_BATCH) continue
      } catch (error) {
        log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'changes cannot get their positions now: trying again',
        )
        // The wake-up of a broken connection may be set already: without this wait the loop would spin.
        await clock.sleep(POLL_MS, signal).catch(() => undefined)
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
