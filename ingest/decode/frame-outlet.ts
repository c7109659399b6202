import type { Frame } from '../../core/frame.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { Fragment } from '../hub/fragment.ts'
import { createLatest } from './latest.ts'
import { isSampled } from './sampling.ts'
import type { Size } from './size.ts'

/** Media time without a jump: one connection, or what lies between two jumps of it. */
export interface Stretch {
  /** Counts up; the pictures of an earlier stretch come too late. */
  readonly number: number
  /** It began with a jump. */
  readonly jumped: boolean
}

/** Where pictures become frames: in order of time, at the rate asked for, the newest first for a slow consumer. */
export interface FrameOutlet {
  /** Whether the picture was handed on: it is sampled, and later than the one before. */
  offer(picture: { fragment: Fragment; rgb: Uint8Array; size: Size; stretch: Stretch; fps: number }): boolean
  close(): Promise<void>
}

export function createFrameOutlet(deps: {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
  readonly onFrame: (frame: Frame) => void | Promise<void>
}): FrameOutlet {
  const { camera, metrics } = deps
  let current = 0
  let jumped = false
  /** Media time of the latest picture handed on in this stretch, seconds. */
  let shown: number | null = null

  const latest = createLatest<Frame>({
    consume: deps.onFrame,
    onDrop(dropped, by) {
      metrics.count('decoder_dropped_total', { camera, why: 'newer_frame' })
      return dropped.discontinuity ? { ...by, discontinuity: true } : by
    },
    onFault: (fault) => deps.log.error({ camera, fault: String(fault) }, 'the consumer of frames failed'),
  })

  function refusal(fragment: Fragment, stretch: Stretch, fps: number): string | null {
    const seconds = fragment.mediaMs / 1000
    if (stretch.number > current) {
      current = stretch.number
      shown = null
      jumped = stretch.jumped
    }
    if (stretch.number < current || (shown !== null && seconds <= shown)) return 'late'
    return fragment.key || isSampled(seconds, shown, fps) ? null : 'surplus'
  }

  return {
    offer({ fragment, rgb, size, stretch, fps }) {
      const why = refusal(fragment, stretch, fps)
      if (why) {
        metrics.count('decoder_dropped_total', { camera, why })
        return false
      }
      shown = fragment.mediaMs / 1000
      metrics.count('decoder_frames_total', { camera })
      const { connection, index, mediaMs, capturedAt, clock, key } = fragment
      const discontinuity = jumped || fragment.discontinuity
      jumped = false
      latest.offer({
        ...{ cameraId: camera, connection, index, mediaMs, capturedAt, clock, key, discontinuity },
        ...{ width: size.width, height: size.height, rgb },
      })
      return true
    },
    async close() {
      latest.close()
      await latest.idle()
    },
  }
}
