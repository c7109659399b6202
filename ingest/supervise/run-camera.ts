import { stat } from 'node:fs/promises'
import { type SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { Stream } from '../hub/stream.ts'
import { pullOnce } from '../pull/pull-once.ts'
import type { Source, SourceCamera } from '../source/source.ts'
import type { Retry } from './retry.ts'
import type { StateChange } from './state.ts'

export interface RunCameraDeps {
  readonly camera: SourceCamera
  /** Throws when the camera's URL cannot be used at all. */
  readonly source: () => Source
  readonly stream: Stream
  readonly retry: Retry
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly report: (change: StateChange) => void
  readonly signal: AbortSignal
}

/** A played film shorter than this must not make a loop that burns a core. */
const SHORTEST_PASS_MS: DurationMs = 1_000
/** How often a wait looks whether the credentials file was corrected. */
const LOOK_MS: DurationMs = 2_000

/** Keeps a camera connected until aborted. Never throws: every failure is reported, waited out and tried again. */
export async function runCamera(deps: RunCameraDeps): Promise<void> {
  const { camera, stream, clock, log, metrics, signal } = deps
  let thorough = false
  while (!signal.aborted) {
    let goodSince: EpochMs | null = null
    const onFirstFrame = () => {
      goodSince = clock.now()
      deps.report({ kind: 'frames', at: goodSince })
    }
    try {
      await runCameraOnce(deps, { thorough, onFirstFrame })
    } catch (thrown) {
      if (signal.aborted) break
      const error = toSharpEyesError(thrown)
      const { lastFragmentAt } = stream.facts
      stream.end(error.message)
      const goodMs = goodSince === null || lastFragmentAt === null ? 0 : lastFragmentAt - goodSince
      deps.report({
        kind: 'failed',
        at: clock.now(),
        lastFrameAt: lastFragmentAt,
        problem: error.message,
        code: error.code,
        cause: typeof error.details.cause === 'string' ? error.details.cause : null,
      })
      metrics.count('camera_failures_total', { camera: camera.id, code: error.code })
      // A stream that does not say its parameters at once gets a longer look, and keeps it when that helped.
      if (error.code === 'camera_codec') thorough = !thorough
      const waitMs = deps.retry.after(error, goodMs)
      log.warn(logged(error, waitMs), error.message)
      await waitToRetry(deps, waitMs)
    }
  }
  stream.end('stopped')
}

/** One connection of a camera, or one pass of a played film, from open to end. */
async function runCameraOnce(
  deps: RunCameraDeps,
  options: { readonly thorough: boolean; readonly onFirstFrame: () => void },
): Promise<void> {
  const { camera, clock, signal } = deps
  const startedAt = clock.now()
  const source = deps.source()
  const pull = await source.open({ thorough: options.thorough, signal })
  try {
    await pullOnce({ ...deps, ...options, camera: camera.id, pull, pace: source.pace })
  } finally {
    await pull.release()
  }
  const rest = startedAt + SHORTEST_PASS_MS - clock.now()
  if (rest > 0) await clock.sleep(rest, signal)
}

/** Sleeps; comes back early when the credentials file changes, so that a corrected password is used at once. */
async function waitToRetry({ camera, clock, signal }: RunCameraDeps, waitMs: DurationMs): Promise<void> {
  const until = clock.now() + waitMs
  const before = await changedAt(camera.credentialsFile)
  try {
    for (let left = waitMs; left > 0; left = until - clock.now()) {
      await clock.sleep(Math.min(left, LOOK_MS), signal)
      if ((await changedAt(camera.credentialsFile)) !== before) return
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function changedAt(file: string | undefined): Promise<number | null> {
  if (file === undefined) return null
  const facts = await stat(file).catch(() => null) // a missing file is reported when it is read
  return facts?.mtimeMs ?? null
}

const logged = (error: SharpEyesError, waitMs: DurationMs) => ({
  code: error.code,
  retryInMs: waitMs,
  lines: error.details.lines ?? [],
})
