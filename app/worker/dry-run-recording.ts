import type { DryRunProgress, DryRunRequest, ReplayedRecording, Stretch } from '../../core/dry-run.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { LoggedPicture, TrackLogHead } from '../../core/track-log.ts'
import type { EpochMs } from '../../core/units.ts'
import { startPictureJudge } from '../../inference/replay/picture-judge.ts'
import { type JudgedSet, pictureSets } from '../../inference/replay/picture-replay.ts'
import { pixelRules } from '../../inference/replay/rule-sets.ts'
import { decodeRecorded, type RecordedItem } from '../../ingest/decode/recorded.ts'
import { recordedFiles, recordedFragments } from '../../ingest/evidence/recorded-fragments.ts'
import type { RingPlaces } from '../../ingest/evidence/ring-files.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'
import { ANALYSIS_WIDTH } from './camera-run.ts'

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
const MOST_STRETCHES = 500
/** Capture times are whole milliseconds, rounded on two ways. */
const SAME_PICTURE_MS = 2

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
  watch: { readonly signal: AbortSignal; readonly onProgress: (progress: DryRunProgress) => void },
): Promise<{
  readonly judged: readonly JudgedSet[]
  readonly recording: Omit<ReplayedRecording, 'speed' | 'longestMs'>
}> {
  const { camera, from, to } = request
  const { niceness = NICENESS } = deps
  const begin = wantedFrom(request)
  await using finds = await openFinds(deps.trackLogs, camera, begin, to)
  const seen = createStretches(request)
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

/** What the model found in the pictures, read beside them: rules over pixels leave persons and vehicles out by it. */
interface Finds extends AsyncDisposable {
  readonly head: TrackLogHead | null
  /** In the order of time; null: the model did not look at this picture, or it is not in the log. */
  of(capturedAt: EpochMs): Promise<LoggedPicture['detections']>
}

async function openFinds(logs: TrackLogs | null, camera: string, from: EpochMs, to: EpochMs): Promise<Finds> {
  if (!logs) return { head: null, of: async () => null, [Symbol.asyncDispose]: async () => undefined }
  const entries = logs.read(camera, from, to)
  let next: LoggedPicture | null = null
  let head: TrackLogHead | null = null
  const advance = async (): Promise<void> => {
    for (let step = await entries.next(); !step.done; step = await entries.next()) {
      if (step.value.kind === 'head') head ??= step.value.head
      if (step.value.kind !== 'picture') continue
      next = step.value.picture
      return
    }
    next = null
  }
  await advance()
  return {
    head,
    async of(capturedAt) {
      while (next && next.capturedAt < capturedAt - SAME_PICTURE_MS) await advance()
      return next && next.capturedAt <= capturedAt + SAME_PICTURE_MS ? next.detections : null
    },
    async [Symbol.asyncDispose]() {
      // It is read by hand: a file of the log is open until it is told that nobody reads on.
      await entries.return(undefined)
    },
  }
}

/** What of the span is recorded, from the times of its fragments. */
function createStretches({ from, to }: DryRunRequest) {
  const stretches: { from: number; to: number }[] = []
  return {
    take(capturedAt: EpochMs): void {
      if (capturedAt < from || capturedAt >= to) return
      const last = stretches.at(-1)
      if (last && (capturedAt - last.to <= GAP_MS || stretches.length >= MOST_STRETCHES))
        last.to = Math.max(last.to, capturedAt)
      else stretches.push({ from: capturedAt, to: capturedAt })
    },
    stretches: (): readonly Stretch[] =>
      stretches.map((stretch) => ({ from: Math.round(stretch.from), to: Math.round(stretch.to) })),
  }
}
