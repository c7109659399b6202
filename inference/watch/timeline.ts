import type { FrameFacts } from '../../core/frame.ts'
import type { EpochMs } from '../../core/units.ts'

/** A camera away for longer than this counts as away for this long: nothing was seen in the meantime anyway. */
const LONGEST_GAP_MS = 600_000

/**
 * One time line per camera that never goes back: media time within a connection, joined across reconnects, loops and
 * jumps by capture time.
 */
export interface Timeline {
  /** Milliseconds; for the first connection equal to `frame.mediaMs`. */
  now(frame: Omit<FrameFacts, 'clock' | 'key'>): number
}

export function createTimeline(): Timeline {
  let shift = 0
  let last: {
    readonly nowMs: number
    readonly frame: Pick<FrameFacts, 'connection' | 'mediaMs' | 'capturedAt'>
  } | null = null
  return {
    now(frame) {
      const { connection, mediaMs, capturedAt } = frame
      if (last) {
        const broken =
          connection !== last.frame.connection || frame.discontinuity || mediaMs < last.frame.mediaMs
        const gap = Math.min(LONGEST_GAP_MS, Math.max(1, capturedAt - last.frame.capturedAt))
        if (broken) shift = last.nowMs + gap - mediaMs
      }
      last = { nowMs: mediaMs + shift, frame: { connection, mediaMs, capturedAt } }
      return last.nowMs
    },
  }
}

/** Capture time of a moment of the time line, as seen from the current picture. */
export const epochOf = (momentMs: number, nowMs: number, frame: Pick<FrameFacts, 'capturedAt'>): EpochMs =>
  Math.round(frame.capturedAt - (nowMs - momentMs))
