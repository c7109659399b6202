import { type NewChange, writeChanges } from '../../core/changes.ts'
import { type EventKind, type HazardEvent, type HazardMessage, toMessage } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { type ToldEvent, writeEpisodes } from './episodes.ts'
import type { SensorEventType } from './events.ts'

/** There is one writer, under the lock of the sensor: nobody ever takes such an event over. */
const EPOCH = 1
const WORKER = 'alerts'

/** Collects what a transaction has to tell of sensors, and tells it in a few statements at its end. */
export interface Telling {
  /** A new event, which may be over already. */
  open(type: SensorEventType, event: HazardEvent): void
  /** The same event as it is now; its end when `event` is over. */
  update(told: ToldEvent, event: HazardEvent): void
  /** An event that ends as it was seen last. `void`: it should not have been. */
  end(told: ToldEvent, endReason: string, at: EpochMs, isVoid?: 'withdrawn'): void
  /** What is over and was told otherwise: no message, since an end is terminal, but a row and a line in the log. */
  correct(told: ToldEvent, event: HazardEvent): void
  /** Something else that the log has to have. */
  note(change: NewChange): void
  takeBack(told: ToldEvent, why: 'withdrawn' | 'replaced'): void
  /** Writes it all. What is answered is called after the commit. */
  write(tx: Queryable, inbox: Pick<Inbox, 'applyIn'>): Promise<() => void>
}

export function createTelling(now: EpochMs, metrics: Metrics): Telling {
  const messages: HazardMessage[] = []
  const opened: ToldEvent[] = []
  const changed: ToldEvent[] = []
  const changes: NewChange[] = []

  const say = (kind: EventKind, event: HazardEvent, seq: number): number => {
    messages.push(toMessage(event, { kind, epoch: EPOCH, seq, worker: WORKER, at: now }))
    return seq
  }
  const note = (told: ToldEvent, kind: 'corrected' | 'withdrawn' | 'replaced') =>
    changes.push({
      topic: 'sensor',
      key: told.sensor,
      payload: {
        kind,
        sensor: told.sensor,
        eventId: told.eventId,
        type: told.type,
        since: new Date(told.since).toISOString(),
        endedAt: told.endedAt === null ? null : new Date(told.endedAt).toISOString(),
      },
    })
  const withEvent = (told: ToldEvent, event: HazardEvent): ToldEvent => ({
    ...told,
    since: event.since,
    endedAt: event.endedAt,
    event,
  })

  return {
    open(type, event) {
      const asItBegan = { ...event, lastSeenAt: event.startedAt, endedAt: null, endReason: null }
      let seq = say('start', event.endedAt === null ? event : asItBegan, 1)
      if (event.endedAt !== null) seq = say('end', event, 2)
      const told = { eventId: event.id, sensor: event.source.id, type, seq, void: null }
      opened.push({ ...told, since: event.since, endedAt: event.endedAt, event })
    },
    update(told, event) {
      const seq = say(event.endedAt === null ? 'update' : 'end', event, told.seq + 1)
      changed.push({ ...withEvent(told, event), seq })
    },
    end(told, endReason, at, isVoid) {
      const event = { ...told.event, endedAt: at, endReason }
      const seq = say('end', event, told.seq + 1)
      const ended = { ...withEvent(told, event), seq, void: isVoid ?? null }
      changed.push(ended)
      if (isVoid) note(ended, isVoid)
    },
    correct(told, event) {
      const corrected = withEvent(told, event)
      changed.push(corrected)
      note(corrected, 'corrected')
    },
    takeBack(told, why) {
      changed.push({ ...told, void: why })
      note(told, why)
    },
    note: (change) => void changes.push(change),
    async write(tx, inbox) {
      await writeEpisodes(tx, changed, opened)
      const report = messages.length > 0 ? await inbox.applyIn(tx, messages) : () => undefined
      await writeChanges(tx, changes)
      return () => {
        report()
        const withdrawn = changed.filter((told) => told.void === 'withdrawn').length
        if (withdrawn > 0) metrics.count('exceedances_withdrawn_total', {}, withdrawn)
      }
    },
  }
}
