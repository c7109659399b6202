import { type AuditedChange, auditTimeSql } from '../../core/audit/leaf.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { extendTree, type TreeState } from '../audit/extend.ts'

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
  /** Of the audit tree, which grows with the positions; null: another sequencer held the lock. */
  readonly tree: TreeState | null
}

/**
 * Gives the committed rows that have no position yet the next ones, in order of `id`, in one transaction, and the audit
 * tree their leaves. The lock goes with the transaction: when a sequencer dies between two batches, or in the middle of one, the next that asks goes on
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
    const { rows } = await tx.query<AuditedChange & { since: Date }>(
      `with first as (
         select id, row_number() over (order by id) as place
           from (select id from changes where pos is null order by id limit $1) as waiting),
       given as (
         update changes c set pos = change_head.pos + first.place
           from first, change_head
          where c.id = first.id and c.pos is null
         returning c.pos, c.at, c.topic, c.key, c.payload)
       select pos::text as pos, ${auditTimeSql('at')} as at, at as since, topic, key, payload
         from given order by given.pos`,
      [MAX_BATCH],
    )
    if (rows.length > 0)
      await tx.query(
        "with moved as (update change_head set pos = pos + $1) select pg_notify('positions', '')",
        [rows.length],
      )
    const tree = await extendTree(tx, rows)
    if (rows.length === 0) return { count: 0, oldest: null, tree }
    return { count: rows.length, oldest: Math.min(...rows.map((row) => row.since.getTime())), tree }
  })
  if (!done) return { count: 0, standby: true, tree: null }
  // Age of the oldest change that was waiting; 0: nothing waits. Budget: 5 s (invariant 9).
  const lag = done.oldest === null ? 0 : Math.max(0, (clock.now() - done.oldest) / 1000)
  metrics.gauge('changes_lag_seconds', {}, lag)
  if (done.count > 0) {
    metrics.observe('changes_position_seconds', {}, lag)
    metrics.count('changes_positioned_total', {}, done.count)
  }
  return { count: done.count, standby: false, tree: done.tree }
}

/** Runs until aborted: woken by NOTIFY `changes`, looks at least once a second, outlives the database being away. */
export async function runSequencer(deps: SequencerDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { database, clock, log, signal } = deps
  let wake = Promise.withResolvers<void>()
  let listener: AsyncDisposable | null = null
  let damaged = false
  try {
    while (!signal.aborted) {
      try {
        listener ??= await database.listen('changes', () => wake.resolve())
        const { count, tree } = await sequenceOnce(deps)
        if (tree === 'damaged' && !damaged)
          log.error({}, 'the audit tree is damaged: positions go on without it')
        damaged = tree === 'damaged'
        if (count === MAX_BATCH || tree === 'behind') continue
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
