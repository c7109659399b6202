import type { DryRunRequest, DryRunWatch, ReplayedRecording } from '../../core/dry-run.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import { createStretches } from '../../core/stretches.ts'
import type { EpochMs } from '../../core/units.ts'
import { startPictureJudge } from '../../inference/replay/picture-judge.ts'
import { type JudgedSet, pictureSets } from '../../inference/replay/picture-replay.ts'
import { pixelRules } from '../../inference/replay/rule-sets.ts'
import { decodeRecorded, type RecordedItem } from '../../ingest/decode/recorded.ts'
import { recordedFiles, recordedFragments } from '../../ingest/evidence/recorded-fragments.ts'
import type { RingPlaces } from '../../ingest/evidence/ring-files.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { ANALYSIS_WIDTH } from './camera-run.ts'
import { openLoggedFinds } from './logged-finds.ts'

/**
 * ffmpeg and the rules step back behind the live cameras: on a core that these need whole, a dry run gets a tenth of it. With
 * 19 steps it would get a seventieth, and on a busy worker never end.
 */
const NICENESS = 10
/** So much before the span is judged and not counted: backgrounds are learned, and what lasted is known. */
const LEAD_MS = 30_000
const LONGEST_LEAD_MS = 10 * 60_000
/** Further apart is a gap of the recording. */
const GAP_MS = 3_000

export interface RecordingRunDeps {
  readonly places: RingPlaces
  readonly trackLogs: TrackLogs | null
  readonly mediaTools: MediaTools
  readonly clock: Clock
  /** 0..19; 10 by default. */
  readonly niceness?: number
}

/** From when on recorded pictures are wanted. */
const wantedFrom = (request: DryRunRequest): EpochMs => {
  const longest = [request.inForce, request.candidate]
    .flatMap(pixelRules)
    .reduce((most, rule) => Math.max(most, rule.for ?? 0), 0)
  return request.from - Math.min(LEAD_MS + longest, LONGEST_LEAD_MS)
}

/** How much is recorded that would be judged, ms. */
export async function recordedMs(places: RingPlaces, request: DryRunRequest): Promise<number> {
  const begin = wantedFrom(request)
  const files = await recordedFiles(places, request.camera, begin, request.to)
  return files.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, request.to) - Math.max(from, begin)),
    0,
  )
}

/** Judges the recorded pictures of the span. Ends with the signal; nothing of it goes on then. */
export async function judgeRecording(
  deps: RecordingRunDeps,
  request: DryRunRequest,
  watch: Pick<DryRunWatch, 'signal' | 'onProgress'>,
): Promise<{
  readonly judged: readonly JudgedSet[]
  readonly recording: Omit<ReplayedRecording, 'speed' | 'longestMs'>
}> {
  const { camera, from, to } = request
  const { niceness = NICENESS } = deps
  const begin = wantedFrom(request)
  await using finds = await openLoggedFinds(deps.trackLogs, camera, begin, to)
  const seen = createStretches(request, GAP_MS)
  const inSpan = (at: EpochMs) => at >= from && at < to
  let pictures = 0
  const watched = async function* (): AsyncGenerator<RecordedItem> {
    for await (const item of recordedFragments(deps.places, camera, begin, to)) {
      if (item.kind === 'fragment') {
        const { capturedAt } = item.fragment
        seen.take(capturedAt)
        watch.onProgress({
          step: 'pictures',
          share: Math.max(0, Math.min(1, (capturedAt - from) / (to - from))),
        })
      }
      yield item
    }
  }
  await using judge = startPictureJudge({ request, head: finds.head, niceness })
  const { damaged } = await decodeRecorded({
    ...{ camera, items: watched(), clock: deps.clock, width: ANALYSIS_WIDTH, signal: watch.signal },
    mediaTools: behindTheLive(deps.mediaTools, niceness),
    consumer: {
      watchers: pictureSets(request).sets.length,
      async onFrame(frame, takes) {
        if (inSpan(frame.capturedAt)) pictures += 1
        return judge.step(frame, takes, await finds.of(frame.capturedAt))
      },
    },
  })
  return {
    judged: await judge.found(),
    recording: { pictures, damaged: damaged.filter(inSpan).length, stretches: seen.stretches() },
  }
}

const behindTheLive = (tools: MediaTools, niceness: number): MediaTools => ({
  spawn: (tool, args, options) => tools.spawn(tool, args, { ...options, niceness }),
})
