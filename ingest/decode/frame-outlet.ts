import type { Frame } from '../../core/frame.ts'
import type { Log, Metrics } from '../../core/ports.ts'
import type { Fragment } from '../hub/fragment.ts'
import { createLatest } from './latest.ts'
import { isSampled } from './sampling.ts'
import type { Size } from './size.ts'

/** Where pictures become frames: in order of time, at the rate asked for, the newest first for a slow consumer. */
export interface FrameOutlet {
  /** Later pictures belong to another stretch of time: a new connection, or after a jump (`discontinuity`). */
  turn(discontinuity: boolean): void
  /** The stretch that is under way; pictures of an earlier one come too late. */
  readonly stretch: number
  /** Whether the picture was handed on. */
  offer(picture: { fragment: Fragment; rgb: Uint8Array; size: Size; stretch: number; fps: number }): boolean
  close(): Promise<void>
}

export function createFrameOutlet(deps: {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
  readonly onFrame: (frame: Frame) => void | Promise<void>
}): FrameOutlet {
  const { camera, metrics } = deps
  let stretch = 0
  let jumped = false
  /** Media time of the latest picture handed on in this stretch, seconds. */
  let shown: number | null = null

  const latest = createLatest<Frame>({
    consume: deps.onFrame,
    onDrop(dropped, by) {
      metrics.count('decoder_dropped', { camera, why: 'newer_frame' })
      return dropped.discontinuity ? { ...by, discontinuity: true } : by
    },
    onFault: (fault) => deps.log.error({ camera, fault: String(fault) }, 'the consumer of frames failed'),
  })

  function refusal(fragment: Fragment, of: number, fps: number): string | null {
    const seconds = fragment.mediaMs / 1000
    if (of !== stretch || (shown !== null && seconds <= shown)) return 'late'
    return fragment.key || isSampled(seconds, shown, fps) ? null : 'surplus'
  }

  return {
    get stretch() {
      return stretch
    },
    turn(discontinuity) {
      stretch++
      shown = null
      jumped = discontinuity
    },
    offer({ fragment, rgb, size, stretch: of, fps }) {
      const why = refusal(fragment, of, fps)
      if (why) {
        metrics.count('decoder_dropped', { camera, why })
        return false
      }
      shown = fragment.mediaMs / 1000
      metrics.count('decoder_frames', { camera })
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
