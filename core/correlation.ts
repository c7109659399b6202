import type { HazardEvent, HazardMessage } from './event.ts'
import { decideMessage, type MessageOutcome, type StoredPosition } from './event-order.ts'
import type { EpochMs } from './units.ts'

/** What is known of one event: the latest applied position and the alert it belongs to. */
export interface KnownEvent extends StoredPosition {
  readonly alertId: string
}

/** The part of an alert that events decide. */
export interface CorrelatedAlert {
  readonly id: string
  readonly state: 'firing' | 'resolved'
  /** How many events this alert has had. */
  readonly occurrences: number
  /** Its events are open, and no holder of any of them is heard. */
  readonly lost: boolean
  readonly resolvedAt: EpochMs | null
  /** The event it shows: an open one before an ended one, then the one that started last. */
  readonly shown: HazardEvent
  readonly shownEnded: boolean
  /** Not yet ended events → whether they are lost. The alert fires as long as there is one. */
  readonly open: ReadonlyMap<string, boolean>
}

/** `recurred`: another event of the same matter joined the open alert. */
export type CorrelationStep = 'opened' | 'recurred' | 'updated' | 'resolved'

/** What one fingerprint looks like: at most one of its alerts is unresolved. */
export interface Matter {
  readonly alert: CorrelatedAlert | null
  readonly events: ReadonlyMap<string, KnownEvent>
}

export interface Correlated {
  readonly outcome: MessageOutcome
  readonly matter: Matter
  /** The alert that the message changed, also when it is resolved now; null: none. */
  readonly alert: CorrelatedAlert | null
  readonly steps: readonly CorrelationStep[]
}

/**
 * Takes one message into its matter. Pure. `newId` is called when an alert opens.
 *
 * An alert resolves when the last of its events has ended: two things left in one zone are one alert, and taking one
 * of them away does not put it right. A lost event has not ended.
 */
export function correlate(matter: Matter, message: HazardMessage, newId: () => string): Correlated {
  const { event, epoch, seq } = message.data
  const known = matter.events.get(event.id) ?? null
  const outcome = decideMessage(known, { epoch, seq })
  if (outcome !== 'applied') return { outcome, matter, alert: null, steps: [] }

  const ended = message.data.kind === 'end'
  const steps: CorrelationStep[] = []
  let alert = matter.alert
  if (!alert) {
    alert = opened(newId(), event)
    steps.push('opened')
  } else if (known?.alertId !== alert.id) {
    alert = { ...alert, occurrences: alert.occurrences + 1 }
    steps.push('recurred')
  } else {
    steps.push('updated')
  }

  const open = new Map(alert.open)
  if (ended) open.delete(event.id)
  else open.set(event.id, false)
  alert = { ...alert, open, lost: open.size > 0 && [...open.values()].every((lost) => lost) }
  if (showsBetter(event, ended, alert)) alert = { ...alert, shown: event, shownEnded: ended }
  if (open.size === 0) {
    alert = { ...alert, state: 'resolved', resolvedAt: event.endedAt ?? event.lastSeenAt }
    steps.push('resolved')
  }

  const events = new Map(matter.events)
  events.set(event.id, { epoch, seq, ended, alertId: alert.id })
  return { outcome, alert, steps, matter: { alert: alert.state === 'resolved' ? null : alert, events } }
}

const opened = (id: string, event: HazardEvent): CorrelatedAlert => ({
  id,
  state: 'firing',
  occurrences: 1,
  lost: false,
  resolvedAt: null,
  shown: event,
  shownEnded: false,
  open: new Map(),
})

function showsBetter(event: HazardEvent, ended: boolean, alert: CorrelatedAlert): boolean {
  if (event.id === alert.shown.id) return true
  if (ended !== alert.shownEnded) return !ended
  return event.startedAt > alert.shown.startedAt
}
