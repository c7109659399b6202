import { type CorrelatedAlert, type CorrelationStep, correlate } from '../../core/correlation.ts'
import type { HazardEvent } from '../../core/event.ts'
import { comparePositions, type MessageOutcome } from '../../core/event-order.ts'
import { messageKey, type StoredMatters } from './matters.ts'
import type { InboxMessage } from './parse.ts'

/** What one batch changes, worked out before anything is written. */
export interface BatchPlan {
  /** Messages received for the first time, with what became of them. */
  readonly settled: readonly SettledMessage[]
  /** How many of the batch were here before. */
  readonly duplicates: number
  /** Messages that contradict what is stored. */
  readonly refused: readonly { readonly item: InboxMessage; readonly error: string }[]
  /** In the order in which they were touched. */
  readonly alerts: readonly AlertPlan[]
}

export interface SettledMessage {
  readonly item: InboxMessage
  readonly outcome: MessageOutcome
  /** The alert of its event. */
  readonly alertId: string
}

export interface AlertPlan {
  readonly fingerprint: string
  readonly alert: CorrelatedAlert
  /** The event that opened it in this batch; null: the alert was there before. */
  readonly opener: HazardEvent | null
  /** The worker that told of it: its disk has the pictures. */
  readonly openedBy: string | null
  readonly steps: readonly CorrelationStep[]
}

/** Works a batch out. Pure but for `newId`. */
export function planBatch(
  messages: readonly InboxMessage[],
  stored: StoredMatters,
  newId: () => string,
): BatchPlan {
  const seen = new Set(stored.received)
  const matters = new Map(stored.matters)
  const alerts = new Map<string, { plan: AlertPlan; steps: CorrelationStep[] }>()
  const settled: SettledMessage[] = []
  const refused: { item: InboxMessage; error: string }[] = []
  const owners = new Map(stored.fingerprintOfEvent)
  let duplicates = 0

  for (const item of messages.toSorted(byMatterAndTime)) {
    const { event } = item.message.data
    const key = messageKey(item.message)
    if (seen.has(key)) {
      duplicates += 1
      continue
    }
    seen.add(key)
    const owner = owners.get(event.id) ?? item.fingerprint
    const matter = matters.get(item.fingerprint)
    if (owner !== item.fingerprint || !matter) {
      refused.push({ item, error: 'source, rule and zone of an event never change: this is another event' })
      continue
    }
    owners.set(event.id, owner)
    const result = correlate(matter, item.message, newId)
    matters.set(item.fingerprint, result.matter)
    const alertId = result.matter.events.get(event.id)?.alertId
    if (alertId === undefined) throw new Error(`event ${event.id} has no alert after it was correlated`)
    settled.push({ item, outcome: result.outcome, alertId })
    if (result.alert) touch(item, result.alert, result.steps)
  }
  return { settled, duplicates, refused, alerts: [...alerts.values()].map((entry) => entry.plan) }

  function touch(item: InboxMessage, alert: CorrelatedAlert, steps: readonly CorrelationStep[]): void {
    const before = alerts.get(alert.id)
    const all = before?.steps ?? []
    // One `updated` is enough for a batch, and none is needed beside a stronger word.
    for (const step of steps) if (step !== 'updated' || all.length === 0) all.push(step)
    const { event, worker } = item.message.data
    const opened = before
      ? before.plan
      : steps.includes('opened')
        ? { opener: event, openedBy: worker }
        : { opener: null, openedBy: null }
    const { opener, openedBy } = opened
    const { fingerprint } = item
    alerts.set(alert.id, { steps: all, plan: { fingerprint, alert, opener, openedBy, steps: all } })
  }
}

/** Within a matter by the time of the state, so that a late drain tells its overlapping events as they happened. */
function byMatterAndTime(a: InboxMessage, b: InboxMessage): number {
  if (a.fingerprint !== b.fingerprint) return a.fingerprint < b.fingerprint ? -1 : 1
  const [one, other] = [a.message.data, b.message.data]
  return one.event.lastSeenAt - other.event.lastSeenAt || comparePositions(one, other)
}
