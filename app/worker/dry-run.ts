import type { DryRunFindings, DryRunProgress, DryRunRequest, DryRuns } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { replayLog, wantedFrom } from '../../inference/replay/dry-run.ts'
import { pictureSets } from '../../inference/replay/picture-replay.ts'
import { withRecording } from '../../inference/replay/with-recording.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { judgeRecording, type RecordingRunDeps, recordedMs } from './dry-run-recording.ts'
import { createReplaySpeed } from './replay-speed.ts'

/** One is judged at a time: the cameras come first. So many more wait. */
const MOST_WAITING = 4
/** Work and rest, in turns: half of a thread at most. */
const SLICE_MS = 8
/** A run over recordings that takes longer, whatever was measured, ends: others wait. */
const MOST_RUN_MS = 45 * 60_000

type Watch = {
  readonly signal: AbortSignal
  readonly onProgress: (progress: DryRunProgress) => void
}

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
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  const overLog = (request: DryRunRequest, watch: Watch): Promise<DryRunFindings> => {
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
    watch: Watch,
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
      )
    })
    const measured = speed.note(camera, amount, performance.now() - began)
    // Only of the lead before the span, perhaps: that is no quiet span.
    const said = recording.stretches.length > 0 ? judged : 'no_recording'
    return withRecording(request, findings, { ...recording, speed: measured, longestMs }, said)
  }

  const run = async (request: DryRunRequest, watch: Watch): Promise<DryRunFindings> => {
    watch.signal.throwIfAborted()
    const findings = await overLog(request, watch)
    if (pictureSets(request).sets.length === 0) return findings
    return overRecording(request, findings, watch)
  }

  return {
    run(request, watch) {
      if (waiting > MOST_WAITING)
        throw new SharpEyesError(
          'too_many_requests',
          `${waiting} dry runs wait for this worker; try again later`,
        )
      waiting += 1
      watch.onProgress({ step: 'waiting', share: 0 })
      const mine = turn
        .then(() => run(request, watch))
        .finally(() => {
          waiting -= 1
        })
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

async function* nothing(): AsyncGenerator<never> {
  yield* []
}

const minutes = (ms: number): number => Math.floor(ms / 60_000)
