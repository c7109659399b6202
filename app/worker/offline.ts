import type { HazardEvent } from '../../core/event.ts'
import type { EpochMs } from '../../core/units.ts'
import type { EventChange } from '../../ingest/spool/open-events.ts'
import type { CameraState } from '../../ingest/supervise/state.ts'

/** A camera that is away for longer than a restart takes is a matter for somebody. */
export const OFFLINE_AFTER_MS = 20_000
const RULE = { id: 'camera-offline', version: 'camera_offline@1' } as const

/**
 * `camera_offline` out of the supervision: starts when no frame came for OFFLINE_AFTER_MS, `since` the last one, ends
 * with the first frame; `measured.offlineMs` is its duration.
 */
export interface OfflineWatch {
  /** Call about once a second and at every change of state. */
  look(state: CameraState, now: EpochMs): EventChange | null
  adopt(event: HazardEvent): void
}

export function createOfflineWatch(camera: string, newId: () => string): OfflineWatch {
  let open: HazardEvent | null = null
  return {
    look(state, now) {
      const away = state.state !== 'online'
      if (away && !open && now - state.since >= OFFLINE_AFTER_MS) {
        open = started(camera, newId(), state, now)
        return { kind: 'start', event: open }
      }
      if (!away && open) {
        const ended = {
          ...open,
          lastSeenAt: now,
          endedAt: now,
          endReason: 'frames come again',
          measured: { offlineMs: now - open.since },
        }
        open = null
        return { kind: 'end', event: ended }
      }
      return null
    },
    adopt(event) {
      open = event
    },
  }
}

const started = (camera: string, id: string, state: CameraState, now: EpochMs): HazardEvent => ({
  id,
  source: { kind: 'camera', id: camera },
  type: 'camera_offline',
  zone: null,
  rule: RULE,
  severity: 3,
  since: state.since,
  startedAt: now,
  lastSeenAt: now,
  endedAt: null,
  endReason: null,
  clock: { kind: 'arrival', errorMs: 1_000 },
  score: 1,
  peakScore: 1,
  box: null,
  detections: [],
  measured: { offlineMs: now - state.since },
  thresholds: { forMs: OFFLINE_AFTER_MS },
  model: null,
  still: null,
})
