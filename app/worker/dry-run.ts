import type { DryRunFindings, DryRunRequest, DryRuns, DryRunWatch } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { replayLog, wantedFrom } from '../../inference/replay/dry-run.ts'
import { pictureSets } from '../../inference/replay/picture-replay.ts'
import { withRecording } from '../../inference/replay/with-recording.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { judgeRecording, type RecordingRunDeps, recordedMs } from './dry-run-recording.ts'
import { createOneByOne, type Waiter } from './one-by-one.ts'
import { createReplaySpeed } from './replay-speed.ts'

/** One of each kind is judged at a time: the cameras come first. So many more of its kind wait. */
const MOST_WAITING = 4
/** Work and rest, in turns: half of a thread at most. */
const SLICE_MS = 8
/** A run over recordings that takes longer, whatever was measured, ends: others wait. */
const MOST_RUN_MS = 45 * 60_000

/**
 * Dry runs over what this worker's disk has: its track logs (null: none are written), and for rules over pixels its
 * recordings (null: none are asked).
 */
export function createDryRunner(deps: {
  readonly trackLogs: TrackLogs | null
  readonly recordings: Omit<RecordingRunDeps, 'trackLogs' | 'clock'> | null
  readonly clock: Clock
}): DryRuns {
  const { trackLogs, clock } = deps
  const speed = createReplaySpeed()
  const logTurns = createOneByOne()
  const recordingTurns = createOneByOne()

  const overLog = (request: DryRunRequest, watch: DryRunWatch): Promise<DryRunFindings> => {
    let since = performance.now()
    const rest = async (): Promise<void> => {
      await clock.sleep(SLICE_MS, watch.signal)
      since = performance.now()
    }
    const log = trackLogs?.read(request.camera, wantedFrom(request), request.to) ?? nothing()
    return replayLog(request, log, watch, () => (performance.now() - since < SLICE_MS ? undefined : rest()))
  }

  const overRecording = async (
    request: DryRunRequest,
    findings: DryRunFindings,
    watch: DryRunWatch,
  ): Promise<DryRunFindings> => {
    const { camera } = request
    const longestMs = speed.longestMs(camera)
    const none = { pictures: 0, damaged: 0, stretches: [], speed: null, longestMs }
    const places = deps.recordings?.places
    const amount = places ? await recordedMs(places, request) : 0
    if (!deps.recordings || amount === 0) return withRecording(request, findings, none, 'no_recording')
    if (amount > longestMs) {
      const isAnswered = [...findings.inForce.rules, ...findings.candidate.rules].some(
        ({ source, notReplayed }) => source === 'log' && notReplayed === null,
      )
      if (isAnswered) return withRecording(request, findings, none, 'too_long')
      throw new SharpEyesError(
        'too_large',
        `camera ${camera}: ${minutes(amount)} min of the span are recorded, and this worker judges at most ${minutes(longestMs)} min of recorded pictures at once; choose a shorter span`,
        { details: { why: 'recording_long', minutes: minutes(amount), most: minutes(longestMs) } },
      )
    }
    const began = performance.now()
    const late = AbortSignal.timeout(MOST_RUN_MS)
    const { judged, recording } = await judgeRecording({ ...deps.recordings, trackLogs, clock }, request, {
      ...watch,
      signal: AbortSignal.any([watch.signal, late]),
    }).catch((error: unknown) => {
      if (!late.aborted || watch.signal.aborted) throw error
      throw new SharpEyesError(
        'too_large',
        `camera ${camera}: ${minutes(amount)} min of recording were not judged within ${minutes(MOST_RUN_MS)} min, the limit, because this worker is busy; choose a shorter span, or try when it is quieter`,
        { details: { why: 'worker_busy', minutes: minutes(amount), most: minutes(MOST_RUN_MS) } },
      )
    })
    // What could not be decoded says nothing of the speed, and is no quiet span; neither is one of the lead before it alone.
    const isJudged = recording.pictures > 0
    const measured = isJudged ? speed.note(camera, amount, performance.now() - began) : null
    const said = isJudged ? judged : recording.stretches.length > 0 ? 'damaged' : 'no_recording'
    return withRecording(request, findings, { ...recording, speed: measured, longestMs }, said)
  }

  /** The log has a line of its own: nobody waits some seconds' work behind minutes of another's recording. */
  const withLog = (request: DryRunRequest, watch: DryRunWatch): Promise<DryRunFindings> =>
    logTurns.run(waiterOf(watch), () => {
      watch.onProgress({ step: 'tracks', share: 0 })
      return overLog(request, watch)
    })

  return {
    async run(request, watch) {
      const hasPixels = pictureSets(request).sets.length > 0
      const turns = hasPixels ? recordingTurns : logTurns
      if (turns.waiting >= MOST_WAITING)
        throw new SharpEyesError(
          'too_many_requests',
          `${turns.waiting} dry runs wait for this worker; try again later`,
          { details: { why: 'line_full', n: turns.waiting } },
        )
      watch.onProgress({ step: 'waiting', share: 0 })
      if (!hasPixels) return withLog(request, watch)
      return recordingTurns.run(waiterOf(watch), async () =>
        overRecording(request, await withLog(request, watch), watch),
      )
    },
  }
}

const waiterOf = ({ id, signal, onProgress }: DryRunWatch): Waiter => ({
  ...{ id, signal },
  onPlace: (run, runs) => onProgress({ step: 'waiting', share: 0, ahead: { run, runs } }),
})

async function* nothing(): AsyncGenerator<never> {
  yield* []
}

const minutes = (ms: number): number => Math.floor(ms / 60_000)
