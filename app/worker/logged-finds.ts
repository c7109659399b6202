import type { LoggedPicture, TrackLogHead } from '../../core/track-log.ts'
import type { EpochMs } from '../../core/units.ts'
import type { TrackLogs } from '../../ingest/track-log/track-logs.ts'

/** Capture times are whole milliseconds, rounded on two ways. */
const SAME_PICTURE_MS = 2

/** What the model found in the pictures, read beside them: rules over pixels leave persons and vehicles out by it. */
export interface LoggedFinds extends AsyncDisposable {
  readonly head: TrackLogHead | null
  /** In the order of time; null: the model did not look at this picture, or it is not in the log. */
  of(capturedAt: EpochMs): Promise<LoggedPicture['detections']>
}

export async function openLoggedFinds(
  logs: Pick<TrackLogs, 'read'> | null,
  camera: string,
  from: EpochMs,
  to: EpochMs,
): Promise<LoggedFinds> {
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
