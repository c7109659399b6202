import type { CameraProbed } from './api/camera-setup.ts'
import type { CameraConfig } from './config/city.ts'
import type { DurationMs } from './units.ts'

export interface CameraLogin {
  /** Without ":". */
  readonly user: string
  readonly password: string
}

/** What is seen of a camera in a few seconds of its real stream; the shape says what each of it is. */
export type CameraFacts = Omit<NonNullable<CameraProbed['seen']>, 'problems'>

export const PROBE_PROBLEMS = [
  ...(['long_gop', 'h265', 'encoded', 'large_picture', 'few_pictures', 'b_frames', 'clock_rate'] as const),
] as const
export type ProbeProblemCode = (typeof PROBE_PROBLEMS)[number]

/** Why no connection came about, finer than the error's code. */
export const PULL_CAUSES = ['busy', 'dns', 'refused', 'no_route', 'timeout', 'protocol'] as const
export type PullCause = (typeof PULL_CAUSES)[number]

const UNANSWERED: readonly unknown[] = [
  'dns',
  'refused',
  'no_route',
  'timeout',
] satisfies readonly PullCause[]

/**
 * Whether nothing of a camera has answered by this fault (an error's code, with its cause of PULL_CAUSES): another
 * worker, in another network, may fare better. What drops packets looks like a camera that sends no picture.
 */
export const isUnanswered = (code: string, cause: unknown): boolean =>
  code === 'camera_stalled' || (code === 'camera_unreachable' && UNANSWERED.includes(cause))

/** What the picture of a probe does not show. */
export interface ProbeHiding {
  readonly masking: 'heads' | 'frame'
  readonly privacy: CameraConfig['privacy']
}

/** Looks at a live camera from the network of those who will pull it. */
export interface CameraProbe {
  /**
   * Watches it for some seconds, one connection, none longer than PROBE_LIMIT_MS, all who try it together no longer than
   * PROBES_LIMIT_MS. A camera that cannot be seen is an answer (`failure`). `hide`: of a camera that is configured; without it
   * heads are hidden. Throws `no_worker` when nobody could be asked, `too_many_requests` when all are busy with others,
   * `dependency_missing`; when the signal aborts, its reason. Neither an answer nor an error holds the login.
   */
  probe(
    url: string,
    login: CameraLogin | null,
    signal: AbortSignal,
    hide?: ProbeHiding,
  ): Promise<CameraProbed>
}

/** Connecting and one long GOP; a camera that takes longer is told by TOO_LONG. */
export const PROBE_LIMIT_MS: DurationMs = 45_000
/** Code of a failure: the look was ended at its limit, which says nothing about whether the camera can be reached. */
export const TOO_LONG = 'probe_limit'
/** All workers that are asked, one after the other: proxies usually wait 60 s for an answer. */
export const PROBES_LIMIT_MS: DurationMs = 55_000
/** In one process: each is a connection, an ffmpeg and a decoded picture. */
export const MOST_PROBES = 2

/** Where a camera's login is kept. */
export interface CameraLogins {
  /** `worker`: the process that pulls cameras reads it there; `api`: workers are other machines, and need a copy. */
  readonly from: 'worker' | 'api'
  /** Writes a private file that only this program reads, durable when this resolves; its absolute path. */
  keepLogin(camera: string, login: CameraLogin): Promise<string>
  /** Removes such a file; nothing else can be named. */
  dropLogin(file: string): Promise<void>
}
