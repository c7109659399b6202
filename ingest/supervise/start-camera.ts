import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Hub, InitSegment } from '../hub/fragment.ts'
import { createHub } from '../hub/hub.ts'
import { createStream } from '../hub/stream.ts'
import { createSource } from '../source/kinds.ts'
import type { Source, SourceCamera } from '../source/source.ts'
import { createRetry } from './retry.ts'
import { runCamera } from './run-camera.ts'
import { type CameraState, connecting, nextState, type StateChange } from './state.ts'

export interface StartCameraDeps {
  /** A whole CameraConfig fits. */
  readonly camera: SourceCamera
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Every change of the state or of its reason; never concurrently, never after `stop` resolved. */
  readonly onState: (state: CameraState) => void
  /** 0 ≤ x < 1, for jitter. */
  readonly random: () => number
}

/** What is known of the picture now; null while it is not online. */
interface PictureFacts {
  readonly init: InitSegment | null
  readonly lastFrameAt: EpochMs | null
}

export interface CameraPull {
  readonly hub: Hub
  readonly state: CameraState
  readonly picture: PictureFacts
  /** Resolves when the process is gone and the readers were told. */
  stop(): Promise<void>
}

/** Connects a camera and keeps it connected. Never throws for what the camera does: see `onState`. */
export function startCamera(deps: StartCameraDeps): CameraPull {
  const { camera, mediaTools, clock, metrics } = deps
  const log = deps.log.child({ camera: camera.id })
  const { hub, feed } = createHub({ camera: camera.id, log, metrics })
  const stream = createStream({ camera: camera.id, feed, clock, metrics })
  const stopping = new AbortController()
  let state = connecting(clock.now())

  const report = (change: StateChange) => {
    const next = nextState(state, change)
    if (next === state) return
    state = next
    log.info(
      { state: next.state, code: next.code, since: next.since },
      `camera ${camera.id} is ${next.state}`,
    )
    try {
      deps.onState(next)
    } catch (error) {
      log.error({ error: String(error) }, 'who was told of a camera state failed')
    }
  }

  // Made once, because a folder remembers what it played last; lazily, because a URL that cannot be used is a failure
  // of the camera like any other.
  let source: Source | null = null
  const openSource = () => {
    source ??= createSource({ camera, mediaTools, log })
    return source
  }

  const running = runCamera({
    camera,
    source: openSource,
    stream,
    retry: createRetry(deps.random),
    mediaTools,
    clock,
    log,
    metrics,
    report,
    signal: stopping.signal,
  })

  return {
    hub,
    get state() {
      return state
    },
    get picture() {
      const { init, lastFragmentAt } = stream.facts
      return { init, lastFrameAt: lastFragmentAt }
    },
    async stop() {
      stopping.abort(new Error(`camera ${camera.id} is stopped`))
      await running
    },
  }
}
