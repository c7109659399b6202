import { v7 as uuidv7 } from 'uuid'
import { writeChanges } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardMessage } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { MessageReceiver, RefusedMessage } from '../../core/ports/messages.ts'
import type { Log, Metrics, Tracer } from '../../core/ports/telemetry.ts'
import { linksOf, noTracer } from '../../core/trace.ts'
import type { EpochMs } from '../../core/units.ts'
import { type AlertRow, alertChange, alertFacts } from '../alert/row.ts'
import type { AlertFacts, AlertHooks } from '../hooks.ts'
import { type ClipWindow, requestClips, writeAlerts } from './alerts.ts'
import { buryMessages, type DeadLetter } from './dead-letters.ts'
import { lockFingerprints, readMatters } from './matters.ts'
import { type InboxMessage, parseMessage } from './parse.ts'
import { type BatchPlan, planBatch } from './plan.ts'
import { settle } from './settle.ts'
import { writeEventStates, writeMessages, writeStills } from './write.ts'

export interface InboxDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer?: Tracer
  /**
   * Runs in the batch's transaction for every alert that opens or resolves, after its row and change are written. The
   * facts are of the transition: one batch may open and resolve, and the row says resolved then.
   */
  readonly onTransition?: AlertHooks['onTransition']
  /** After the commit: for counters and for waking what waits. Nothing may depend on it. */
  readonly onAlertOpened?: (alert: AlertFacts) => void
  readonly clip?: ClipWindow
}

/** Takes messages in any order, any number of times. */
export interface Inbox extends MessageReceiver {
  /**
   * For events that come into being together with something else (sensor limits with their readings): applies them in
   * the caller's transaction. After its commit the caller calls what is answered. Throws what the database throws, and
   * then the caller's transaction is lost.
   */
  applyIn(tx: Queryable, messages: readonly HazardMessage[]): Promise<() => void>
}

const TOPIC = 'hazard.events.v1'
/** A transaction holds one lock a fingerprint: well below `max_locks_per_transaction` × connections. */
const MAX_BATCH = 256
const CLIP: ClipWindow = { preRollMs: 10_000, postRollMs: 10_000 }

/** The one way from messages to alerts (invariants 2 and 3). Any number of inboxes may work on one database. */
export function createInbox(deps: InboxDeps): Inbox {
  const { database, clock, log, metrics, tracer = noTracer } = deps

  /** One transaction. Either everything that the batch means is there afterwards, or nothing. */
  async function commit(batch: readonly InboxMessage[]): Promise<BatchPlan['refused']> {
    const startedAt = clock.now()
    const links = () => linksOf(batch.map((item) => item.message))
    const { plan, rows } = await tracer.span(
      'inbox batch',
      { facts: { messages: batch.length }, links },
      () => database.transaction((tx) => apply(tx, batch)),
    )
    report(plan, rows)
    trace(plan, startedAt)
    metrics.observe('inbox_batch_seconds', {}, (clock.now() - startedAt) / 1000)
    return plan.refused
  }

  async function apply(tx: Queryable, batch: readonly InboxMessage[]) {
    await lockFingerprints(
      tx,
      batch.map((item) => item.fingerprint),
    )
    const plan = planBatch(batch, await readMatters(tx, batch), () => uuidv7())
    return { plan, rows: await writePlan(tx, plan) }
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
    for (const { item, error } of plan.refused) buried({ raw: item.raw, error }, item.message.data.event.id)
    for (const { alert, opener, steps } of plan.alerts) {
      if (steps.includes('resolved')) log.info({ event: alert.shown.id, alert: alert.id }, 'alert resolved')
      if (!opener) continue
      const facts = alertFacts(rowOf(rows, alert.id))
      metrics.count('alerts_opened_total', { type: facts.type, severity: String(facts.severity) })
      // A film's own clock says nothing about how long it took.
      if (opener.clock.kind !== 'media') {
        const waited = Math.max(0, clock.now() - opener.startedAt) / 1000
        metrics.observe('capture_to_alert_seconds', { source: facts.sourceKind }, waited)
      }
      log.info(
        { event: opener.id, alert: facts.id, type: facts.type, [facts.sourceKind]: facts.sourceId },
        'alert opened',
      )
      deps.onAlertOpened?.(facts)
    }
  }

  function trace(plan: BatchPlan, startedAt: EpochMs): void {
    for (const { alert, opener } of plan.alerts) {
      if (!opener) continue
      const facts = { event: opener.id, alert: alert.id, type: opener.type }
      tracer.record('alert opened', { parent: tracer.context(opener.id), facts }, startedAt, clock.now())
    }
  }

  function buried({ error }: DeadLetter, event: string | null = null): void {
    metrics.count('dead_letters_total', { topic: TOPIC })
    log.error({ topic: TOPIC, event, error }, 'a message cannot be applied and is in dead_letters')
  }

  async function refuse(item: InboxMessage, error: string): Promise<BatchPlan['refused'][number]> {
    const letter = { raw: item.raw, error }
    await buryMessages(database, TOPIC, [letter])
    buried(letter, item.message.data.event.id)
    return { item, error }
  }
  const settling = { commit, refuse, clock, onRetry: () => metrics.count('inbox_retries_total') }

  return {
    async receive(messages) {
      const parsed = messages.map(parseMessage)
      const bad = parsed.flatMap((item, index) => (item.kind === 'bad' ? [{ ...item, index }] : []))
      await buryMessages(database, TOPIC, bad)
      for (const letter of bad) buried(letter)
      const good = parsed.flatMap((item, index) =>
        item.kind === 'message' ? [{ index, inbox: item.inbox }] : [],
      )
      const places = new Map(good.map(({ index, inbox }) => [inbox, index]))
      const refused: RefusedMessage[] = bad.map(({ index, error }) => ({ index, error }))
      for (let at = 0; at < good.length; at += MAX_BATCH) {
        const batch = good.slice(at, at + MAX_BATCH).map(({ inbox }) => inbox)
        for (const { item, error } of await settle(batch, settling))
          refused.push({ index: places.get(item) ?? -1, error })
      }
      return refused
    },
    async applyIn(tx, messages) {
      const batch = messages.map((message): InboxMessage => {
        const parsed = parseMessage(message)
        if (parsed.kind === 'bad')
          throw new SharpEyesError('internal', `a message of our own is bad: ${parsed.error}`)
        return parsed.inbox
      })
      const { plan, rows } = await apply(tx, batch)
      return () => report(plan, rows)
    },
  }
}

function rowOf(rows: ReadonlyMap<string, AlertRow>, id: string): AlertRow {
  const row = rows.get(id)
  if (!row) throw new Error(`alert ${id} was written but did not come back`)
  return row
}
