import type { AttentionWhy } from './attention.ts'
import type { Box } from './geometry.ts'
import type { DurationMs, EpochMs } from './units.ts'

/** Where a picture's time comes from, and how wrong it may be. */
export interface CaptureClock {
  /** `arrival`: fragment time anchored at arrival; `rtcp`: the camera's sender reports; `media`: a file, no wall clock. */
  readonly kind: 'arrival' | 'rtcp' | 'media'
  readonly errorMs: DurationMs
}

/** How much of a camera's stream is decoded. */
export interface Attention {
  /** `sentry`: key frames only; `full`: every fragment, sampled at `fps`. */
  readonly level: 'sentry' | 'full'
  /** Pictures a second that the rules ask for at full attention. */
  readonly fps: number
  /** Shown on screen: why this level, for example "zone lane: something changed". */
  readonly reason: string
  /** The same for pages; absent: who gave it tells nobody, or is older. */
  readonly why?: AttentionWhy | undefined
}

/** One decoded picture. Its time stamp travelled with it through the decoder: it is never credited to another frame. */
export interface Frame {
  readonly cameraId: string
  /** Number of the connection of this camera, from 1; a reconnect starts a new one. Tracks do not outlive it. */
  readonly connection: number
  /** Index in the source: counts every frame of the source, decoded or not. */
  readonly index: number
  /** Time in the stream, milliseconds. For a file: from its first frame. Monotonic within a connection. */
  readonly mediaMs: number
  readonly capturedAt: EpochMs
  readonly clock: CaptureClock
  readonly key: boolean
  /** The source jumped (a loop of a played file, a clock jump): backgrounds and tracks start anew. */
  readonly discontinuity: boolean
  readonly width: number
  readonly height: number
  /** RGB24, rows top down, `width * height * 3` bytes. Owned by the receiver of the frame. */
  readonly rgb: Uint8Array
}

/** What is known of a picture without its pixels. */
export type FrameFacts = Pick<
  Frame,
  'connection' | 'mediaMs' | 'capturedAt' | 'clock' | 'key' | 'discontinuity'
>

/** One thing that a model found in one picture. */
export interface Detection {
  readonly label: string
  /** 0..1 */
  readonly score: number
  readonly box: Box
}

/** A find with what the pixels say of it. */
export interface SeenDetection extends Detection {
  /** Share of its box that changed against the last seconds, 0..1. */
  readonly changed: number
}

/** A thing followed within one camera. The number is anonymous, lives in one connection and dies with it. */
export interface Track {
  readonly id: number
  readonly label: string
  readonly box: Box
  /** Score of the latest detection. */
  readonly score: number
  /** Median of the last (at most 10) scores: one lucky frame does not make a hazard. */
  readonly medianScore: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** Media time since which the thing has stood still; null while it moves. */
  readonly stillSinceMs: number | null
  readonly hits: number
}

/** The identity of a model as every event names it. */
export interface ModelIdentity {
  readonly id: string
  readonly family: string
  readonly sha256: string
}
