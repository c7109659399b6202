import type { Box } from '../geometry.ts'
import type { EpochMs } from '../units.ts'

/** A part of a key frame in the camera's own resolution, or less where nobody could use more. */
export interface FullCut {
  readonly width: number
  readonly height: number
  /** RGB24, rows top down, `width * height * 3` bytes. Owned by the receiver. */
  readonly rgb: Uint8Array
  /** What it shows, as shares of the picture: the region asked for, in whole pixels. */
  readonly place: Box
  readonly capturedAt: EpochMs
}

/** One camera's newest key frame in the camera's own resolution. */
export interface FullResolution {
  /**
   * The region of the newest key frame; null (counted in `full_cuts_total{result}`): there is none captured at or after
   * `notBefore`, it was cut before or cannot be decoded, the camera's picture is hardly larger than the analysis picture, the
   * worker cuts for another camera, or it takes too long (then it rests for 10 s). Never throws.
   */
  cut(region: Box, notBefore: EpochMs): Promise<FullCut | null>
}
