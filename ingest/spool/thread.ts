import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { AppendResult, ReadingsResult, SpoolAnswer, SpoolRequest, ThreadStart } from './protocol.ts'
import { openStore } from './store.ts'

// The spool's own thread: `fsync` blocks it and nobody else. While one commit runs, further requests wait, and the next
// commit takes all neighbouring appends: the group grows by itself with the load.

interface Numbered {
  readonly id: number
  readonly request: SpoolRequest
}
type Asked<K extends SpoolRequest['kind']> = Numbered & {
  readonly request: Extract<SpoolRequest, { kind: K }>
}

/** Messages a commit: nothing waits longer than for one of these. */
const MAX_EVENTS = 500
const MAX_READINGS = 2_000
const port = parentPort
if (!port) throw new Error('thread.ts is started by spool.ts as a worker thread')
const { folder, limits } = workerData as ThreadStart
const store = openStore(folder, limits)

// Two queues: what concerns events is done between the parts of what concerns readings, however many those are.
const events: Numbered[] = []
const readings: Numbered[] = []

port.on('message', (first: Numbered) => {
  enqueue(first)
  do {
    for (let next = receive(); next; next = receive()) enqueue(next)
    while (events.length > 0) doNextOfEvents()
    if (readings.length > 0) doNextOfReadings()
  } while (readings.length > 0)
})

const receive = () => (receiveMessageOnPort(port) as { message: Numbered } | undefined)?.message

/** In each queue what was asked first is done first. `close` ends both, so it stands behind everything. */
function enqueue(item: Numbered): void {
  const { kind } = item.request
  const concernsReadings =
    kind === 'append_readings' || kind === 'take_readings' || kind === 'remove_readings'
  const queue = concernsReadings || kind === 'close' ? readings : events
  queue.push(item)
}

function doNextOfEvents(): void {
  const group = takeGroup(events, isEvent, () => 1, MAX_EVENTS)
  if (group.length > 0)
    answerAll<AppendResult>(group, () => store.append(group.map((item) => item.request.record)))
  else doOne(events)
}

function doNextOfReadings(): void {
  const group = takeGroup(readings, isReadings, (item) => item.request.records.length, MAX_READINGS)
  if (group.length > 0)
    answerAll<ReadingsResult>(group, () => store.appendReadings(group.map((item) => item.request.records)))
  else doOne(readings)
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

function answerAll<R>(group: readonly Numbered[], append: () => readonly R[]): void {
  try {
    const results = append()
    const facts = store.facts()
    group.forEach((item, index) => {
      answer({ id: item.id, ok: true, value: results[index], facts })
    })
  } catch (error) {
    for (const item of group) failed(item.id, error)
  }
}

function doOne(queue: Numbered[]): void {
  const item = queue.shift()
  if (!item) return
  const { id, request } = item
  try {
    const value = perform(request)
    if (request.kind === 'close') answer({ id, ok: true, value, facts: NOTHING })
    else answer({ id, ok: true, value, facts: store.facts() })
    if (request.kind === 'close') port?.close()
  } catch (error) {
    failed(id, error)
  }
}

const NONE = { records: 0, bytes: 0, oldestAt: null, state: 'ok' } as const
const NOTHING = { ...NONE, readings: NONE }

function perform(request: SpoolRequest): unknown {
  switch (request.kind) {
    case 'append':
      return store.append([request.record])[0]
    case 'take':
      return store.take(request.limit)
    case 'remove':
      return store.remove(request.ids)
    case 'open_events':
      return store.openEvents()
    case 'pending_events':
      return store.pendingEvents()
    case 'forget':
      return store.forget(request.eventIds)
    case 'append_readings':
      return store.appendReadings([request.records])[0]
    case 'take_readings':
      return store.takeReadings(request.limit, request.bytes)
    case 'remove_readings':
      return store.removeReadings(request.ids)
    case 'close':
      return store.close()
  }
}

function answer(message: SpoolAnswer): void {
  port?.postMessage(message)
}

function failed(id: number, error: unknown): void {
  answer({ id, ok: false, error: error instanceof Error ? error.message : String(error) })
}
