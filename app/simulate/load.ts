import type { HazardType } from '../../core/catalogue.ts'
import { type HazardEvent, type HazardMessage, toMessage } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { quantile } from '../bench/statistics.ts'
import { uuidv7 } from '../worker/ids.ts'

export interface LoadReport {
  readonly cameras: number
  readonly events: number
  readonly messages: number
  readonly seconds: number
  /** Messages that are due in a second while events begin. */
  readonly wantedPerS: number
  readonly messagesPerS: number
  readonly failures: number
  readonly batch: number
  /** Of a call of the transport. */
  readonly callMs: { readonly p50: number; readonly p99: number }
  /** From the time at which a message was due to its acknowledgement: it grows when the transport is too slow. */
  readonly latenessMs: { readonly p50: number; readonly p99: number }
}

/** Not severe, and no department is told of them before somebody files: what is simulated is load, not danger. */
const TYPES: readonly HazardType[] = ['object_left', 'litter', 'illegal_parking', 'stall_encroachment']
/** An event's update and end follow its start after this time. */
const UPDATE_AFTER_MS = 2_000
const END_AFTER_MS = 4_000
const TICK_MS = 50
const BATCH = 500
const AGAIN_MS = 500

/**
 * Begins `eventsPerS` events a second for `seconds`, then sends what is still due of them. What the transport does not take
 * in time is sent as fast as it takes it: the report says by how much it fell behind.
 */
export async function runLoad(options: {
  readonly cameras: number
  readonly eventsPerS: number
  readonly seconds: number
  readonly transport: EventTransport
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<LoadReport> {
  const { cameras, eventsPerS, seconds, transport, clock, signal } = options
  const begin = clock.now()
  const due: { readonly at: number; readonly message: HazardMessage }[] = []
  const calls: number[] = []
  const lateness: number[] = []
  let events = 0
  let messages = 0
  let failures = 0

  const send = async (batch: readonly HazardMessage[]): Promise<void> => {
    for (;;) {
      const started = performance.now()
      try {
        await transport.send(batch)
        calls.push(performance.now() - started)
        messages += batch.length
        return
      } catch (error) {
        failures += 1
        if (signal.aborted) throw error
        await clock.sleep(AGAIN_MS, signal)
      }
    }
  }

  for (;;) {
    signal.throwIfAborted()
    const now = clock.now()
    const wanted = Math.min(
      Math.floor(((now - begin) / 1_000) * eventsPerS),
      Math.round(seconds * eventsPerS),
    )
    for (; events < wanted; events += 1) due.push(...lifeOf(events, cameras, now))
    due.sort((a, b) => a.at - b.at)
    const ready = due.findIndex(({ at }) => at > now)
    const batch = due.splice(0, Math.min(BATCH, ready === -1 ? due.length : ready))
    if (batch.length > 0) {
      await send(batch.map(({ message }) => message))
      const done = clock.now()
      for (const { at } of batch) lateness.push(done - at)
    } else if (now - begin >= seconds * 1_000 && due.length === 0) break
    else await clock.sleep(TICK_MS, signal)
  }
  const took = (clock.now() - begin) / 1_000
  return {
    cameras,
    events,
    messages,
    seconds: took,
    wantedPerS: eventsPerS * 3,
    messagesPerS: messages / took,
    failures,
    batch: BATCH,
    callMs: { p50: quantile(calls, 0.5), p99: quantile(calls, 0.99) },
    latenessMs: { p50: quantile(lateness, 0.5), p99: quantile(lateness, 0.99) },
  }
}

/** Start, update and end of one event, as a worker publishes them; each camera has several zones. */
function lifeOf(number: number, cameras: number, now: number) {
  const type = TYPES[number % TYPES.length] ?? 'object_left'
  const event: HazardEvent = {
    id: uuidv7(),
    source: { kind: 'camera', id: `sim-${String(number % cameras).padStart(6, '0')}` },
    type,
    zone: `zone-${Math.floor(number / cameras) % 4}`,
    rule: { id: type, version: `${type}/1` },
    severity: 4,
    since: now - 10_000,
    startedAt: now,
    lastSeenAt: now,
    endedAt: null,
    endReason: null,
    clock: { kind: 'arrival', errorMs: 200 },
    score: 0.8,
    peakScore: 0.9,
    box: [0.1, 0.2, 0.3, 0.4],
    detections: [],
    measured: { stillMs: 10_000 },
    thresholds: { forMs: 10_000 },
    model: null,
    still: null,
  }
  const at = (state: HazardEvent, kind: 'start' | 'update' | 'end', seq: number, when: number) => ({
    at: when,
    message: toMessage(state, { kind, epoch: 1, seq, worker: 'simulate', at: when }),
  })
  const later = now + UPDATE_AFTER_MS
  const end = now + END_AFTER_MS
  return [
    at(event, 'start', 1, now),
    at({ ...event, lastSeenAt: later }, 'update', 2, later),
    at({ ...event, lastSeenAt: end, endedAt: end, endReason: 'gone' }, 'end', 3, end),
  ]
}
