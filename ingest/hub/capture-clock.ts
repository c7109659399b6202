import type { CaptureClock } from '../../core/frame.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

/** A fragment's times as the stream says them, and when it came out of the muxer. */
interface FragmentTimes {
  readonly decodeMs: number
  readonly mediaMs: number
  readonly durationMs: number
  readonly arrivedAt: EpochMs
  readonly key: boolean
}

export interface Stamp {
  readonly capturedAt: EpochMs
  readonly clock: CaptureClock
  /** The stream's clock jumped here. */
  readonly jumped: boolean
  /** How far arrivals are behind the stream's own clock, the best of the last window; grows when the clock stands. */
  readonly lagMs: DurationMs
}

export interface CaptureClockState {
  stamp(times: FragmentTimes): Stamp
  /** The next fragment begins another stretch of time (a played film starts over): anchor anew. */
  restart(): void
}

/** More media time between two frames than wall time, by this much: the clock was set forward. */
const JUMP_MS = 2_000
/** Over RTSP ffmpeg guesses the first one or two times of a connection; they are not measured with. */
const GARBLED = 4
/** A GOP shorter than this says too little (every frame of some cameras is a key frame), a longer one is not waited for. */
const ANCHOR_MIN_MS = 1_000
const ANCHOR_MAX_MS = 5_000
/** Encoding, network and jitter buffer before arrival: what nobody can see in the stream. Typical cameras: 100–400 ms. */
const UNSEEN_MS = 500
const UNANCHORED_MS = 2_500
/** Quartz clocks differ by up to 0.1 ‰, 9 s a day: the offset follows the best arrival of each window, slowly. */
const WINDOW_MS = 10_000
const FOLLOW_MS = 50
const TOLERATED_MS = 20

/**
 * Capture time from arrival: `mediaMs` + offset, where the offset is the smallest (received − media) that was seen,
 * because a frame is never received before it was captured and the network only adds. Provisional during the first GOP
 * of a connection, then anchored; a jump of the stream's clock anchors it again.
 */
export function createCaptureClock(): CaptureClockState {
  let seen = 0
  let previous: { decodeMs: number; receivedAt: EpochMs; arrivedAt: EpochMs } | null = null
  let offset = 0
  let anchored = false
  let anchorFrom: EpochMs = 0
  /** Samples of the time before the anchor: at most some seconds of frames. */
  let samples: number[] = []
  let uncertainMs = 0
  let windowFrom: EpochMs = 0
  let windowSmallest = Number.POSITIVE_INFINITY
  let lagMs = 0

  const startOver = (receivedAt: EpochMs) => {
    seen = 0
    anchored = false
    anchorFrom = receivedAt
    samples = []
    lagMs = 0
  }

  const anchor = (receivedAt: EpochMs) => {
    anchored = true
    const sorted = samples.toSorted((a, b) => a - b)
    offset = sorted[0] ?? offset
    uncertainMs = (sorted[sorted.length >> 1] ?? offset) - offset
    samples = []
    windowFrom = receivedAt
    windowSmallest = Number.POSITIVE_INFINITY
  }

  const follow = (sample: number, receivedAt: EpochMs) => {
    windowSmallest = Math.min(windowSmallest, sample)
    if (receivedAt - windowFrom < WINDOW_MS) return
    lagMs = windowSmallest - offset
    uncertainMs = Math.abs(lagMs)
    if (Math.abs(lagMs) > TOLERATED_MS) offset += Math.max(-FOLLOW_MS, Math.min(FOLLOW_MS, lagMs))
    windowFrom = receivedAt
    windowSmallest = Number.POSITIVE_INFINITY
  }

  return {
    stamp({ decodeMs, mediaMs, durationMs, arrivedAt, key }) {
      // The muxer lets a fragment go when the next frame comes: a frame was received when its predecessor arrived.
      const receivedAt = previous?.arrivedAt ?? arrivedAt - Math.min(Math.max(durationMs, 0), 1_000)
      const jumped = previous !== null && isJump(previous, decodeMs, receivedAt)
      if (previous === null || jumped) startOver(receivedAt)
      previous = { decodeMs, receivedAt, arrivedAt }

      const sample = receivedAt - mediaMs
      const age = receivedAt - anchorFrom
      const enough = seen > GARBLED && (age >= ANCHOR_MAX_MS || (key && age >= ANCHOR_MIN_MS))
      if (!anchored && enough) anchor(receivedAt)
      if (anchored) follow(sample, receivedAt)
      else {
        // Until frames are there that can be trusted, the latest sample is as good as any.
        if (seen >= GARBLED) samples.push(sample)
        offset = samples.length < 2 ? sample : Math.min(offset, sample)
      }
      seen++
      const errorMs = Math.round(anchored ? UNSEEN_MS + uncertainMs : UNANCHORED_MS)
      return {
        capturedAt: Math.round(mediaMs + offset),
        clock: { kind: 'arrival', errorMs },
        jumped,
        lagMs: Math.round(lagMs),
      }
    },
    restart() {
      previous = null
    },
  }
}

function isJump(
  previous: { decodeMs: number; receivedAt: EpochMs },
  decodeMs: number,
  receivedAt: EpochMs,
): boolean {
  const media = decodeMs - previous.decodeMs
  return media < 0 || media - (receivedAt - previous.receivedAt) > JUMP_MS
}
