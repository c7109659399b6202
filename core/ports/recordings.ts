import type { CameraConfig } from '../config/city.ts'
import type { EpochMs } from '../units.ts'

/** A stretch of one connection: one init segment, media time without a jump. Capture times of its first and last frame. */
export interface RecordedStretch {
  readonly connection: EpochMs
  readonly from: EpochMs
  readonly to: EpochMs
}

export interface RecordedRanges {
  /** Oldest first. */
  readonly stretches: readonly RecordedStretch[]
  /** Workers that held the camera in the span and cannot be asked now: their disks may have more. */
  readonly away: readonly string[]
}

export interface RecordedFragment {
  readonly bytes: Uint8Array
  readonly key: boolean
  readonly capturedAt: EpochMs
  /** Presentation time in the connection's media time, ms. */
  readonly mediaMs: number
}

/** Some seconds of a recording, as they came from the camera. */
export interface RecordingPart {
  /** For `MediaSource.isTypeSupported`, for example `video/mp4; codecs="avc1.64001f"`. */
  readonly mime: string
  readonly width: number
  readonly height: number
  /** Parts that share it share `init` and one run of media time. */
  readonly connection: EpochMs
  readonly init: Uint8Array
  /** In coding order; the first one is a key frame. */
  readonly fragments: readonly RecordedFragment[]
  /** Where the next part of the same connection begins; null: its recording ends here, or is still being written. */
  readonly next: EpochMs | null
}

/** What workers' disks hold of cameras. `picture` is masked as the camera's configuration says, at most `width` wide. */
export interface RecordingSource {
  /** What touches [from, to). */
  ranges(camera: string, from: EpochMs, to: EpochMs): Promise<RecordedRanges>
  /** From the key frame at or before `at`, about `lengthMs` long; null when nothing is recorded at `at`. */
  read(camera: string, at: EpochMs, lengthMs: number): Promise<RecordingPart | null>
  /** The key frame nearest before `at`; null when none is within some seconds. */
  picture(
    camera: CameraConfig,
    at: EpochMs,
    width: number,
  ): Promise<{ readonly jpeg: Uint8Array; readonly capturedAt: EpochMs } | null>
}
