import { open } from 'node:fs/promises'
import { SharpEyesError } from '../../core/errors.ts'
import type { FullPicture } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { RecordedStretch, RecordingPart, RecordingSource } from '../../core/ports/recordings.ts'
import type { EpochMs } from '../../core/units.ts'
import type { RingFileFacts } from '../ring/ring.ts'
import { type RingFileIndex, scanRingFile } from '../ring/scan.ts'
import { bytesOf } from './clip.ts'
import { keyAtOrBefore, partFrames, stretchesOf } from './playback.ts'
import { type RingPlaces, ringFilesOf } from './ring-files.ts'
import { decodeStill } from './still.ts'

/** A key frame further away shows another moment. */
const PICTURE_AWAY_MS = 10_000
/** Of one part, whatever its length: 4K cameras send 2 MB a second. At least one group of pictures is always sent. */
const MAX_PART_BYTES = 8 << 20
/** Each decodes a full picture. */
const MAX_PICTURES = 4

/** What a RecordingSource needs of whoever shows its pictures: masking is inference's, not ours. */
export type MaskPicture = (
  picture: FullPicture,
  camera: Parameters<RecordingSource['picture']>[0],
  width: number,
) => Promise<Uint8Array>

/**
 * The recordings on this worker's disk: of cameras that are held by their rings, of others what an earlier holding left
 * in `folder` (one folder a camera).
 */
export function createRecordingSource(
  deps: RingPlaces & {
    readonly mediaTools: MediaTools
    readonly mask: MaskPicture
  },
): RecordingSource {
  let pictures = 0

  const filesOf = (camera: string) => ringFilesOf(deps, camera)
  /** A file that is closed (renamed) or removed between the look and the read: looked for once more. */
  const lookTwice = async <T>(look: () => Promise<T>): Promise<T> =>
    look().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return look()
    })

  /** The newest file that begins at or before `at`, if it goes on to there; with the file after it. */
  const find = async (
    camera: string,
    at: EpochMs,
  ): Promise<{ file: RingFileFacts; after: RingFileFacts | null } | null> => {
    const files = await filesOf(camera)
    const index = files.findLastIndex((file) => file.from <= at)
    const file = files[index]
    return file ? { file, after: files[index + 1] ?? null } : null
  }

  const read = async (camera: string, at: EpochMs, lengthMs: number): Promise<RecordingPart | null> => {
    await deps.rings(camera)?.flush()
    const found = await find(camera, at)
    const index = found && (await scanRingFile(found.file.path))
    if (!found || !index) return null
    const { file, after } = found
    const cut = partFrames(index.frames, at, { lengthMs, bytes: MAX_PART_BYTES, before: after?.from ?? null })
    if (!cut) return null
    const joined = after?.connection === file.connection ? after.from : null
    const { codec, width, height, timescale } = index.track
    return {
      mime: `video/mp4; codecs="${codec}"`,
      ...{ width, height, connection: file.connection },
      ...(await bytesOfFrames(index, cut.frames, timescale)),
      next: cut.next ?? joined,
    }
  }

  const picture = async (
    camera: Parameters<RecordingSource['picture']>[0],
    at: EpochMs,
    width: number,
  ): ReturnType<RecordingSource['picture']> => {
    const found = await find(camera.id, at)
    const index = found && (await scanRingFile(found.file.path))
    const frame = index?.frames[keyAtOrBefore(index.frames, at)]
    if (!index || !frame || Math.abs(frame.capturedAt - at) > PICTURE_AWAY_MS) return null
    const { init, fragments } = await bytesOfFrames(index, [frame], index.track.timescale)
    const { timescale } = index.track
    const coded = fragments.map(({ bytes }) => bytes)
    const { ticks, capturedAt } = frame
    const full = await decodeStill({ init, timescale, coded, ticks, capturedAt }, deps.mediaTools)
    return full && { jpeg: await deps.mask(full, camera, width), capturedAt }
  }

  return {
    ranges: (camera, from, to) =>
      lookTwice(async () => ({ stretches: within(stretchesOf(await filesOf(camera)), from, to), away: [] })),
    read: (camera, at, lengthMs) => lookTwice(() => read(camera, at, lengthMs)),
    async picture(camera, at, width) {
      if (pictures >= MAX_PICTURES)
        throw new SharpEyesError('too_many_requests', `${MAX_PICTURES} pictures are being made already`)
      pictures += 1
      try {
        return await lookTwice(() => picture(camera, at, width))
      } finally {
        pictures -= 1
      }
    },
  }
}

const within = (stretches: readonly RecordedStretch[], from: EpochMs, to: EpochMs) =>
  stretches.filter((stretch) => stretch.to >= from && stretch.from < to)

async function bytesOfFrames(
  index: RingFileIndex,
  frames: RingFileIndex['frames'],
  timescale: number,
): Promise<Pick<RecordingPart, 'init' | 'fragments'>> {
  const file = await open(index.path, 'r')
  try {
    const init = await bytesOf(file, 0, index.initBytes)
    const fragments: RecordingPart['fragments'][number][] = []
    for (const { offset, bytes, key, capturedAt, ticks } of frames) {
      const mediaMs = (ticks * 1000) / timescale
      fragments.push({ bytes: await bytesOf(file, offset, bytes), key, capturedAt, mediaMs })
    }
    return { init, fragments }
  } finally {
    await file.close()
  }
}
