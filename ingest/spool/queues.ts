import type { SpoolRequest } from './protocol.ts'

export interface Numbered<R extends SpoolRequest = SpoolRequest> {
  readonly id: number
  readonly request: R
}
type Asked<K extends SpoolRequest['kind']> = Numbered<Extract<SpoolRequest, { kind: K }>>

/** What the spool's thread does next: appends that share a commit, or one other request. */
export type Work =
  | { readonly kind: 'append'; readonly group: readonly Asked<'append'>[] }
  | { readonly kind: 'append_readings'; readonly group: readonly Asked<'append_readings'>[] }
  | { readonly kind: 'one'; readonly item: Numbered }

/** Requests that wait. What concerns events comes between the parts of what concerns readings, however many those are. */
export interface Queues {
  add(item: Numbered): void
  next(): Work | null
}

/** Messages a commit: nothing waits longer than for one of these. */
const MAX_EVENTS = 500
const MAX_READINGS = 2_000

export function createQueues(): Queues {
  const events: Numbered[] = []
  const readings: Numbered[] = []

  function nextOfEvents(): Work | null {
    const group = takeGroup(events, isEvent, () => 1, MAX_EVENTS)
    return group.length > 0 ? { kind: 'append', group } : one(events)
  }

  function nextOfReadings(): Work | null {
    const group = takeGroup(readings, isReadings, (item) => item.request.records.length, MAX_READINGS)
    return group.length > 0 ? { kind: 'append_readings', group } : one(readings)
  }

  return {
    // In each queue what was asked first is done first. `close` ends both, so it stands behind everything.
    add(item) {
      const { kind } = item.request
      const later =
        kind === 'append_readings' ||
        kind === 'take_readings' ||
        kind === 'remove_readings' ||
        kind === 'close'
      const queue = later ? readings : events
      queue.push(item)
    },
    next: () => nextOfEvents() ?? nextOfReadings(),
  }
}

function one(queue: Numbered[]): Work | null {
  const item = queue.shift()
  return item ? { kind: 'one', item } : null
}

const isEvent = (item: Numbered): item is Asked<'append'> => item.request.kind === 'append'
const isReadings = (item: Numbered): item is Asked<'append_readings'> =>
  item.request.kind === 'append_readings'

/** The appends at the head of the queue, up to `max` messages, but one request at least. */
function takeGroup<T extends Numbered>(
  queue: Numbered[],
  isAppend: (item: Numbered) => item is T,
  sizeOf: (item: T) => number,
  max: number,
): readonly T[] {
  const group: T[] = []
  let size = 0
  for (const item of queue) {
    if (!isAppend(item)) break
    size += sizeOf(item)
    if (group.length > 0 && size > max) break
    group.push(item)
  }
  queue.splice(0, group.length)
  return group
}
