import type { CameraConfig } from '../config/city.ts'
import type { Detection } from '../frame.ts'
import type { Box } from '../geometry.ts'
import type { EpochMs, Sha256 } from '../units.ts'

/** Pictures out of the worker's ring. */
export interface EvidenceSource {
  /** Full-resolution RGB of the picture nearest to `at`, and its own time; null when the ring does not hold it. */
  still(camera: string, at: EpochMs): Promise<FullPicture | null>
  /**
   * Hard-links the ring files from `from` on (to `to`, where its end is known) until `unpin`, so that shedding cannot take
   * an open event's pre-roll.
   */
  pin(pinId: string, camera: string, from: EpochMs, to?: EpochMs): Promise<void>
  unpin(pinId: string): Promise<void>
  /** Everything pinned now, also by an earlier process. */
  pinned(): Promise<readonly string[]>
  /** Cuts [from, to] as one MP4 (stream copy, no re-encode) into `path`; null when the ring does not hold it. */
  clip(request: {
    camera: string
    pinId: string
    from: EpochMs
    to: EpochMs
    path: string
    /** What the clip must show, should the camera have reconnected in [from, to]: a clip never spans two connections. */
    moment?: EpochMs
  }): Promise<CutClip | null>
}

export interface FullPicture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
  readonly capturedAt: EpochMs
}

export interface CutClip {
  readonly from: EpochMs
  readonly to: EpochMs
  readonly codec: string
  readonly width: number
  readonly height: number
}

/** Content-addressed bytes: written, fsynced and renamed before `put` resolves (invariant 7). What a worker needs. */
export interface EvidenceSink {
  put(content: Uint8Array | { readonly path: string }): Promise<{ sha256: Sha256; bytes: number }>
}

export interface EvidenceStore extends EvidenceSink {
  /** A local path to read; null when the bytes are gone. */
  locate(sha256: Sha256): Promise<string | null>
  remove(sha256: Sha256): Promise<void>
}

/** Pixelates stored pictures as the camera's `masking` says. Fails closed: when in doubt the whole frame. */
export interface Masker {
  still(
    picture: FullPicture,
    camera: CameraConfig,
    hazard: { box: Box | null; detections: readonly Detection[] },
  ): Promise<{ jpeg: Uint8Array; method: string }>
  /** Writes a masked H.264 MP4. */
  clip(request: {
    source: string
    target: string
    camera: CameraConfig
    hazard: { box: Box | null }
    signal: AbortSignal
  }): Promise<{ method: string }>
}
