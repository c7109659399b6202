import type { EpochMs } from './units.ts'

export interface CameraLogin {
  /** Without ":". */
  readonly user: string
  readonly password: string
}

/** What is seen of a camera in a few seconds of its real stream. */
export interface CameraFacts {
  /** RFC 6381. */
  readonly codec: string
  readonly codecName: 'H.264' | 'H.265'
  /** What is encoded as H.264 on the way, for example `mjpeg`; null: copied. */
  readonly encodedFrom: string | null
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly kbitPerSecond: number
  /** The longest interval seen; null: no second key frame came in `watchedSeconds`. */
  readonly keyFrameSeconds: number | null
  readonly bFrames: boolean
  readonly clock: { readonly kind: string; readonly errorMs: number }
  /** Media seconds per wall second; null: too short to say. */
  readonly clockRate: number | null
  readonly firstPictureMs: number
  readonly watchedSeconds: number
}

export const PROBE_PROBLEMS = [
  ...(['long_gop', 'h265', 'encoded', 'large_picture', 'few_pictures', 'b_frames', 'clock_rate'] as const),
] as const
export type ProbeProblemCode = (typeof PROBE_PROBLEMS)[number]

/** Why no connection came about, finer than the error's code. */
export const PULL_CAUSES = ['busy', 'dns', 'refused', 'no_route', 'timeout', 'protocol'] as const
export type PullCause = (typeof PULL_CAUSES)[number]

export interface CameraSight {
  readonly facts: CameraFacts
  /** Most costly first. */
  readonly problems: readonly ProbeProblemCode[]
  /** Masked as a camera is by default; null: the picture was damaged. */
  readonly picture: {
    readonly jpeg: Uint8Array
    readonly capturedAt: EpochMs
  } | null
}

/** How a person connects a camera: what `app/` hands to the dashboard. */
export interface CameraSetup {
  /** `worker`: cameras are pulled by this very process. `api`: workers run apart, and may see another network. */
  readonly from: 'worker' | 'api'
  /**
   * Watches a live camera for some seconds, one connection. Throws `camera_*` (with `details.cause` of PULL_CAUSES where
   * it is known), `source_invalid`, `config_invalid` or `dependency_missing`; no error holds the login. When the signal
   * aborts, its reason.
   */
  probe(url: string, login: CameraLogin | null, signal: AbortSignal): Promise<CameraSight>
  /** Writes a private file that only this program reads, durable when this resolves; its absolute path. */
  keepLogin(camera: string, login: CameraLogin): Promise<string>
  /** Removes such a file; nothing else can be named. */
  dropLogin(file: string): Promise<void>
}
