import type { CameraConfig } from '../config/city.ts'
import type { Box } from '../geometry.ts'
import type { EpochMs, Sha256 } from '../units.ts'

/** A picture or film out of a camera's ring that an alert or a kept recording waits for. The worker whose ring has it makes it. */
export interface PictureTask {
  readonly id: string
  readonly kind: 'still' | 'clip'
  /** Null: it is of a kept recording. */
  readonly alertId: string | null
  readonly camera: CameraConfig
  /** Whose pinned ring files it comes from; null: nothing was pinned for it. */
  readonly pinId: string | null
  /** [from, to] of a clip; both are the moment of a still. */
  readonly from: EpochMs
  readonly to: EpochMs
  /** What it must show. */
  readonly moment: EpochMs
  /** Of the hazard, as fractions; null: the whole picture. */
  readonly box: Box | null
  /** Counts from 1. */
  readonly attempt: number
}

/** What a task gave: bytes that are in the evidence store already. */
export interface MadePicture {
  readonly variant: 'masked' | 'original'
  readonly sha256: Sha256
  readonly bytes: number
  readonly mediaType: string
  readonly capturedAt: EpochMs
  readonly meta: Readonly<Record<string, unknown>>
}

/** Pictures that wait to be made. Everything said here is plain data: it goes over HTTP as it is. */
export interface PictureWork {
  /**
   * The next task for a ring of `worker`; it is his for some minutes. Null: none is due. A worker makes one at a time:
   * whoever asks again has given up the one before.
   */
  next(worker: string): Promise<PictureTask | null>
  /** Of a task that is no longer his it changes nothing. */
  done(worker: string, task: string, made: readonly MadePicture[]): Promise<void>
  /** `final`: this worker can never make it (its ring no longer holds it). */
  failed(worker: string, task: string, error: string, final: boolean): Promise<void>
  /** Those of `pins` (at most 1000) that no picture waits for: made, given up, or of an event that needs none. */
  unneeded(worker: string, pins: readonly string[]): Promise<readonly string[]>
}
