import { type EventKind, type HazardEvent, type HazardMessage, toMessage } from '../../core/event.ts'
import { uuidv7 } from '../worker/ids.ts'

/** A hazard as a worker would publish it, of a camera of this name. Weighs what a real one does. */
export function benchEvent(camera: string, at: number): HazardEvent {
  return {
    id: uuidv7(),
    source: { kind: 'camera', id: camera },
    type: 'object_left',
    zone: 'gate',
    rule: { id: 'left', version: 'object_left/1' },
    severity: 3,
    since: at,
    startedAt: at,
    lastSeenAt: at,
    endedAt: null,
    endReason: null,
    clock: { kind: 'arrival', errorMs: 200 },
    score: 0.8,
    peakScore: 0.9,
    box: [0.1, 0.2, 0.3, 0.4],
    detections: Array.from({ length: 3 }, () => ({ label: 'car', score: 0.8, box: [0.1, 0.1, 0.2, 0.2] })),
    measured: { stillMs: 10_000, coverage: 0.2, darkness: 1.5 },
    thresholds: { forMs: 10_000 },
    model: null,
    still: null,
  }
}

export function benchMessage(
  event: HazardEvent,
  { kind, seq, at }: { kind: EventKind; seq: number; at: number },
): HazardMessage {
  const ended = kind === 'end' ? { endedAt: at, endReason: 'gone' } : {}
  return toMessage({ ...event, lastSeenAt: at, ...ended }, { kind, epoch: 1, seq, worker: 'bench', at })
}
