import type { ErrorCode } from '../../core/errors.ts'
import type { CameraStatus } from '../../core/ports/control.ts'
import type { EpochMs } from '../../core/units.ts'

/**
 * How a camera is. `connecting`: not seen yet. `online`: frames come. `stalled`: they stopped, the first new try is under
 * way. `offline`: a try failed.
 */
export interface CameraState {
  readonly state: CameraStatus['state']
  /** Online since its first frame; not online since the last frame (or the first try). */
  readonly since: EpochMs
  /** Why it is not online, naming the camera and the way out, without secrets. */
  readonly problem: string | null
  readonly code: ErrorCode | null
  /** Finer than the code, of PULL_CAUSES; null: not known, or nothing is wrong. */
  readonly cause: string | null
}

export type StateChange =
  | { readonly kind: 'frames'; readonly at: EpochMs }
  | {
      readonly kind: 'failed'
      readonly at: EpochMs
      readonly lastFrameAt: EpochMs | null
      readonly problem: string
      readonly code: ErrorCode
      readonly cause: string | null
    }

export const connecting = (since: EpochMs): CameraState => ({
  state: 'connecting',
  since,
  problem: null,
  code: null,
  cause: null,
})

/** The next state, or the same object when nothing changed that anybody has to be told. */
export function nextState(current: CameraState, change: StateChange): CameraState {
  if (change.kind === 'frames') {
    return current.state === 'online'
      ? current
      : { state: 'online', since: change.at, problem: null, code: null, cause: null }
  }
  const { problem, code, cause } = change
  if (current.state === 'online') {
    return { state: 'stalled', since: change.lastFrameAt ?? change.at, problem, code, cause }
  }
  if (current.state === 'offline' && current.problem === problem && current.code === code) return current
  return { state: 'offline', since: current.since, problem, code, cause }
}
