import { v7 as uuidv7 } from 'uuid'
import { backoffMs } from '../../core/backoff.ts'
import { writeChanges } from '../../core/changes.ts'
import type { Clock, Database, Log, Metrics, Queryable } from '../../core/ports.ts'
import { type AlertRow, alertChange, alertFacts } from '../alert/row.ts'
import type { AlertFacts, AlertHooks } from '../hooks.ts'
import { type ClipWindow, requestClips, writeAlerts } from './alerts.ts'
import { buryMessages, type DeadLetter } from './dead-letters.ts'
import { failureOf, reasonOf, sqlState, UNIQUE_VIOLATION } from './failure.ts'
import { lockFingerprints, readMatters } from './matters.ts'
import { type InboxMessage, parseMessage } from './parse.ts'
import { type BatchPlan, planBatch } from './plan.ts'
import { writeEventStates, writeMessages, writeStills } from './write.ts'

export interface InboxDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /**
   * Runs in the batch's transaction for every alert that opens or resolves, after its row and change are written. The
   * facts are of the transition: one batch may open and resolve, and the row says resolved then.
   */
  readonly onTransition?: AlertHooks['onTransition']
  /** After the commit: for counters and for waking what waits. Nothing may depend on it. */
  readonly onAlertOpened?: (alert: AlertFacts) => void
  readonly clip?: ClipWindow
}

export interface Inbox {
  /**
   * Takes messages in any order, any number of times. Resolves when each is committed, or in `dead_letters` with its
   * bytes and the reason. Rejects when the database is away; then the sender sends everything again.
   */
  receive(messages: readonly unknown[]): Promise<void>
}

const TOPIC = 'hazard.events.v1'
/** A transaction holds one lock a fingerprint: well below `max_locks_per_transaction` × connections. */
const MAX_BATCH = 256
const MAX_TRIES = 8
const RETRY = { firstMs: 10, maxMs: 300, factor: 2, jitter: 0.5 }
const CLIP: ClipWindow = { preRollMs: 10_000, postRollMs: 10_000 }

/** The one way from messages to alerts (invariants 2 and 3). Any number of inboxes may work on one database. */
export function createInbox(deps: InboxDeps): Inbox {
  const { database, clock, log, metrics } = deps

  /** One transaction. Either everything that the batch means is there afterwards, or nothing. */
  async function commit(batch: readonly InboxMessage[]): Promise<void> {
    const startedAt = clock.now()
    const done = await database.transaction(async (tx) => {
      await lockFingerprints(
        tx,
        batch.map((item) => item.fingerprint),
      )
      const plan = planBatch(batch, await readMatters(tx, batch), () => uuidv7())
      const rows = await writePlan(tx, plan)
      return { plan, rows }
    })
    report(done.plan, done.rows)
    metrics.observe('inbox_batch_seconds', {}, (clock.now() - startedAt) / 1000)
  }

  async function writePlan(tx: Queryable, plan: BatchPlan): Promise<ReadonlyMap<string, AlertRow>> {
    const now = clock.now()
    await writeMessages(tx, plan)
    const rows = await writeAlerts(tx, plan, now)
    await writeEventStates(tx, plan, now)
    await writeStills(tx, plan)
    await requestClips(tx, plan, deps.clip ?? CLIP)
    await buryMessages(
      tx,
      TOPIC,
      plan.refused.map(({ item, error }) => ({ raw: item.raw, error })),
    )
    const steps = plan.alerts.flatMap(({ alert, steps }) =>
      steps.map((step) => ({ step, row: rowOf(rows, alert.id) })),
    )
    await writeChanges(
      tx,
      steps.map(({ step, row }) => alertChange(row, step)),
    )
    for (const { step, row } of steps) {
      // As of the step: a fire that began and ended during an outage is told like any other.
      if (step === 'opened') await deps.onTransition?.(tx, { ...alertFacts(row), state: 'firing' }, step)
      else if (step === 'resolved') await deps.onTransition?.(tx, alertFacts(row), step)
    }
    return rows
  }

  function report(plan: BatchPlan, rows: ReadonlyMap<string, AlertRow>): void {
    for (const { outcome } of plan.settled) metrics.count('inbox_messages_total', { outcome })
    if (plan.duplicates > 0) metrics.count('inbox_messages_total', { outcome: 'duplicate' }, plan.duplicates)
    for (const { item, error } of plan.refused) buried({ raw: item.raw, error })
    for (const { alert, opener } of plan.alerts) {
      if (!opener) continue
      const facts = alertFacts(rowOf(rows, alert.id))
      metrics.count('alerts_opened_total', { type: facts.type, severity: String(facts.severity) })
      deps.onAlertOpened?.(facts)
    }
  }

  function buried({ error }: DeadLetter): void {
    metrics.count('dead_letters_total', { topic: TOPIC })
    log.error({ topic: TOPIC, error }, 'a message cannot be applied and is in dead_letters')
  }

  /** Commits a batch; on a data error halves it until the one message that causes it stands alone. */
  async function settle(batch: readonly InboxMessage[]): Promise<void> {
    const failure = await commitAgain(batch)
    if (!failure) return
    const [first] = batch
    if (batch.length === 1 && first) {
      const letter = { raw: first.raw, error: reasonOf(failure) }
      await buryMessages(database, TOPIC, [letter])
      return buried(letter)
    }
    const half = Math.ceil(batch.length / 2)
    await settle(batch.slice(0, half))
    await settle(batch.slice(half))
  }

  /** Null: committed. An error: of the data, and no repetition will help. Throws when the database is away. */
  async function commitAgain(batch: readonly InboxMessage[]): Promise<Error | null> {
    for (let tries = 1; ; tries += 1) {
      try {
        await commit(batch)
        return null
      } catch (error) {
        const failure = failureOf(error)
        if (failure === 'data' && error instanceof Error) return error
        if (failure !== 'again') throw error
        if (tries === MAX_TRIES) {
          // A unique key that is still taken after so many tries is no race: the message collides with what is stored.
          if (sqlState(error) === UNIQUE_VIOLATION && error instanceof Error) return error
          throw error
        }
        metrics.count('inbox_retries_total')
        await clock.sleep(backoffMs(RETRY, tries, Math.random))
      }
    }
  }

  return {
    async receive(messages) {
      const parsed = messages.map(parseMessage)
      const bad = parsed.filter((item) => item.kind === 'bad')
      await buryMessages(database, TOPIC, bad)
      for (const letter of bad) buried(letter)
      const good = parsed.flatMap((item) => (item.kind === 'message' ? [item.inbox] : []))
      for (let at = 0; at < good.length; at += MAX_BATCH) await settle(good.slice(at, at + MAX_BATCH))
    },
  }
}

function rowOf(rows: ReadonlyMap<string, AlertRow>, id: string): AlertRow {
  const row = rows.get(id)
  if (!row) throw new Error(`alert ${id} was written but did not come back`)
  return row
}
