import type { EpochMs } from '../../core/units.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'

/** Fragments of one stretch of time, to be written in order: same init segment, no jump between them. */
export interface Stretch {
  readonly init: InitSegment
  /** Capture time of its first fragment: what its files are named after. */
  readonly connection: EpochMs
}

export interface Queued {
  readonly stretch: Stretch
  readonly fragment: Fragment
}

/** What waits for the disk: bounded, always starting a stretch or continuing after a drop with a key frame. */
export interface RingQueue {
  readonly bytes: number
  init(segment: InitSegment): void
  /** False: dropped; what follows is dropped too, up to the next key frame. */
  push(fragment: Fragment): boolean
  /** Everything that waits; the queue is empty then. */
  take(): Queued[]
  /** Nothing more is taken before the next key frame: what was queued before could not be written. */
  gap(): void
  end(): void
}

/** Media time that goes back further than reordering does is a jump, flagged or not. */
const JUMP_BACK_MS = 5_000

export function createRingQueue(maxBytes: number): RingQueue {
  let items: Queued[] = []
  let bytes = 0
  let init: InitSegment | null = null
  let stretch: Stretch | null = null
  let latestMs = 0
  let needsKey = true

  return {
    get bytes() {
      return bytes
    },
    init(segment) {
      init = segment
      stretch = null
      needsKey = true
    },
    push(fragment) {
      if (!init) return false
      const jumped =
        fragment.discontinuity || (stretch !== null && fragment.mediaMs < latestMs - JUMP_BACK_MS)
      if (jumped) {
        stretch = null
        needsKey = true
      }
      if (bytes + fragment.bytes.length > maxBytes) needsKey = true
      if (needsKey && (!fragment.key || bytes + fragment.bytes.length > maxBytes)) return false
      needsKey = false
      latestMs = stretch ? Math.max(latestMs, fragment.mediaMs) : fragment.mediaMs
      stretch ??= { init, connection: Math.round(fragment.capturedAt) }
      items.push({ stretch, fragment })
      bytes += fragment.bytes.length
      return true
    },
    take() {
      const taken = items
      items = []
      bytes = 0
      return taken
    },
    gap() {
      needsKey = true
    },
    end() {
      init = null
      stretch = null
    },
  }
}
