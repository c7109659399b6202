import type { DryRuns } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { replayLog, wantedFrom } from '../../inference/replay/dry-run.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'

/** One is judged at a time: the cameras come first. So many more wait. */
const MOST_WAITING = 4
/** Work and rest, in turns: half of a thread at most. */
const SLICE_MS = 8

/** Dry runs over the track logs of this worker's disk. Null: none are written here. */
export function createDryRunner(deps: {
  readonly trackLogs: TrackLogs | null
  readonly clock: Clock
}): DryRuns {
  const { trackLogs, clock } = deps
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  return {
    run(request, watch) {
      if (!trackLogs)
        throw new SharpEyesError('not_ready', 'this worker writes no track log (TRACK_LOG_HOURS is 0)')
      if (waiting > MOST_WAITING)
        throw new SharpEyesError(
          'too_many_requests',
          `${waiting} dry runs wait for this worker; try again later`,
        )
      waiting += 1
      watch.onProgress({ step: 'waiting', share: 0 })
      const mine = turn
        .then(() => {
          watch.signal.throwIfAborted()
          let since = performance.now()
          const rest = async (): Promise<void> => {
            await clock.sleep(SLICE_MS, watch.signal)
            since = performance.now()
          }
          const log = trackLogs.read(request.camera, wantedFrom(request), request.to)
          return replayLog(request, log, watch, () =>
            performance.now() - since < SLICE_MS ? undefined : rest(),
          )
        })
        .finally(() => {
          waiting -= 1
        })
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}
