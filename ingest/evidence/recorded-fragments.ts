import { type FileHandle, open } from 'node:fs/promises'
import type { EpochMs } from '../../core/units.ts'
import type { RecordedItem } from '../decode/recorded.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import type { RingFileFacts } from '../ring/ring.ts'
import { type RingFileIndex, type RingFrame, scanOpenRingFile } from '../ring/scan.ts'
import { bytesOf } from './clip.ts'
import { keyAtOrBefore } from './playback.ts'
import { type RingPlaces, ringFilesOf } from './ring-files.ts'

/** The ring does not keep how sure a time was; typical of `arrival` (ingest/hub/capture-clock.ts). */
const CLOCK = { kind: 'arrival', errorMs: 500 } as const
/** Who reconnects waits for longer; a film that starts over, or a clock that is set back, does not. */
const RECONNECT_MS = 700

/** The recordings of [from, to) as far as they are there, oldest first. */
export async function recordedFiles(
  places: RingPlaces,
  camera: string,
  from: EpochMs,
  to: EpochMs,
): Promise<readonly RingFileFacts[]> {
  await places.rings(camera)?.flush()
  return (await ringFilesOf(places, camera)).filter((file) => file.to >= from && file.from < to)
}

/**
 * The recording of [from, to) as the hub handed it on, from the key frame at or before `from`: one fragment in memory at a
 * time. A file that was shed in the meantime is a gap.
 */
export async function* recordedFragments(
  places: RingPlaces,
  camera: string,
  from: EpochMs,
  to: EpochMs,
): AsyncGenerator<RecordedItem> {
  const joint = createJoint()
  for (const facts of await recordedFiles(places, camera, from, to)) {
    const file = await openFile(places, camera, facts)
    if (!file) continue
    try {
      const index = await scanOpenRingFile(facts.path, file)
      if (!index) continue
      const first = Math.max(0, keyAtOrBefore(index.frames, from))
      const begun = await joint.begin(facts, index, index.frames[first], file)
      if (begun.init) yield { kind: 'init', init: begun.init }
      let discontinuity = begun.discontinuity
      for (const frame of index.frames.slice(first)) {
        if (frame.key && frame.capturedAt >= to) return
        const bytes = await bytesOf(file, frame.offset, frame.bytes)
        yield { kind: 'fragment', fragment: joint.fragment(frame, bytes, discontinuity) }
        discontinuity = false
      }
    } finally {
      await file.close()
    }
  }
}

/** A file that was closed since the look at the folder has another name. */
async function openFile(
  places: RingPlaces,
  camera: string,
  { path, connection, from }: RingFileFacts,
): Promise<FileHandle | null> {
  const opened = (name: string) =>
    open(name, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
  const file = await opened(path)
  if (file) return file
  const now = (await ringFilesOf(places, camera)).find(
    (other) => other.connection === connection && other.from === from,
  )
  return now ? opened(now.path) : null
}

/** Joins files to connections: what the hub knew and the names of the files do not say. */
function createJoint() {
  let stretch: number | null = null
  let connection = 0
  let init: Buffer = Buffer.alloc(0)
  let timescale = 1
  let index = 0
  let latest = { mediaMs: Number.NEGATIVE_INFINITY, capturedAt: Number.NEGATIVE_INFINITY }
  const mediaMs = ({ ticks }: RingFrame) => (ticks * 1_000) / timescale

  return {
    /** What a file begins: a new connection, a jump within one, or neither. */
    async begin(
      file: RingFileFacts,
      { initBytes, track }: RingFileIndex,
      first: RingFrame | undefined,
      handle: FileHandle,
    ): Promise<{ readonly init: InitSegment | null; readonly discontinuity: boolean }> {
      const goesOn = file.connection === stretch
      stretch = file.connection
      if (goesOn || !first) return { init: null, discontinuity: false }
      const bytes = await bytesOf(handle, 0, initBytes)
      const same = bytes.equals(init)
      // Media time begins anew with a connection. Within one it goes on, or is set back from one picture to the next.
      const within =
        same && (mediaMs(first) > latest.mediaMs || first.capturedAt - latest.capturedAt < RECONNECT_MS)
      if (within) return { init: null, discontinuity: true }
      connection += 1
      index = 0
      init = bytes
      timescale = track.timescale
      latest = { mediaMs: Number.NEGATIVE_INFINITY, capturedAt: Number.NEGATIVE_INFINITY }
      const { codec, width, height } = track
      return { init: { connection, bytes, codec, width, height, timescale }, discontinuity: false }
    },
    fragment(frame: RingFrame, bytes: Buffer, discontinuity: boolean): Fragment {
      const { key, capturedAt, ticks } = frame
      const media = mediaMs(frame)
      latest = { mediaMs: Math.max(discontinuity ? media : latest.mediaMs, media), capturedAt }
      return {
        ...{ connection, index: index++, bytes, decodeTime: ticks, mediaMs: media, key },
        ...{ arrivedAt: capturedAt, capturedAt, clock: CLOCK, discontinuity },
      }
    },
  }
}
