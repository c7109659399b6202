import { v7 as uuidv7 } from 'uuid'
import { type EventKind, type HazardEvent, type HazardMessage, toMessage } from '../../core/event.ts'

/** 2026-03-01T08:00:00Z: tests that need no real time start here. */
export const TEST_TIME = Date.UTC(2026, 2, 1, 8)

/** A valid event; what a test is about is given. */
export function hazardEvent(changes: Partial<HazardEvent> = {}): HazardEvent {
  return {
    id: uuidv7(),
    source: { kind: 'camera', id: 'cam-1' },
    type: 'object_left',
    zone: 'gate',
    rule: { id: 'left', version: '1' },
    severity: 3,
    since: TEST_TIME,
    startedAt: TEST_TIME,
    lastSeenAt: TEST_TIME,
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
    ...changes,
  }
}

/** A message of an event. `at` (ms after the start) is when the state was true. */
export function hazardMessage(
  event: HazardEvent,
  place: { kind: EventKind; epoch?: number; seq: number; at?: number },
): HazardMessage {
  const seenAt = event.startedAt + (place.at ?? place.seq * 1_000)
  const state: HazardEvent =
    place.kind === 'end'
      ? { ...event, lastSeenAt: seenAt, endedAt: seenAt, endReason: 'gone' }
      : { ...event, lastSeenAt: seenAt }
  return toMessage(state, {
    kind: place.kind,
    epoch: place.epoch ?? 1,
    seq: place.seq,
    worker: 'worker-1',
    at: seenAt,
  })
}
