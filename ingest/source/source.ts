import type { CameraLogin } from '../../core/camera-setup.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log } from '../../core/ports/telemetry.ts'

/** What of a camera's configuration a source needs. */
export type SourceCamera = Pick<CameraConfig, 'id' | 'url' | 'credentialsFile'> & {
  /** Typed by somebody who looks at a camera before it is added; it comes before the file. */
  readonly login?: CameraLogin
}

export interface SourceDeps {
  readonly camera: SourceCamera
  readonly mediaTools: MediaTools
  readonly log: Log
}

/** One run of ffmpeg that writes fragmented MP4 to standard output. */
export interface Pull {
  /** What is being read, for logs and messages; without credentials. */
  readonly name: string
  readonly args: readonly string[]
  /** Written to standard input, which is then closed: where credentials travel, unseen by the process list. */
  readonly stdin?: string
  /** Open descriptors; whoever runs the pull closes it by `release`. */
  readonly fds: readonly number[]
  readonly secrets: readonly string[]
  /** The codec that is encoded as H.264 on the way, for example `mjpeg`; null: the stream is copied. */
  readonly encodedFrom: string | null
  release(): Promise<void>
}

export interface OpenOptions {
  /** The stream did not say its parameters when read quickly: look longer before writing the header. */
  readonly thorough: boolean
  readonly signal: AbortSignal
}

export interface Source {
  /**
   * `live`: a camera, whose end is a fault. `played`: files, which start over when they end and go on in time.
   */
  readonly pace: 'live' | 'played'
  /** What to run next. Throws SharpEyesError (`source_invalid`, `config_invalid`) that names the camera and the way out. */
  open(options: OpenOptions): Promise<Pull>
}
