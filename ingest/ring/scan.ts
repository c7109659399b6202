import { type FileHandle, open } from 'node:fs/promises'
import type { EpochMs } from '../../core/units.ts'
import { parseInit, type TrackFacts } from '../hub/init-segment.ts'
import { parseFragment } from '../hub/movie-fragment.ts'
import { type ReferenceTime, readReferenceTime } from './wall-clock-box.ts'

/** One frame in a ring file. */
export interface RingFrame {
  readonly offset: number
  readonly bytes: number
  readonly key: boolean
  /** Presentation time in ticks of the track. */
  readonly ticks: number
  readonly capturedAt: EpochMs
}

/** What a ring file holds, up to its last whole fragment. */
export interface RingFileIndex {
  readonly path: string
  readonly track: TrackFacts
  readonly initBytes: number
  /** In coding order; the first one is a key frame. */
  readonly frames: readonly RingFrame[]
  /** Bytes up to the end of the last whole fragment. */
  readonly usable: number
}

/** Longest `moof` of one frame; ffmpeg's are under 200 bytes. */
const HEAD_BYTES = 4096

/**
 * Reads box headers and `moof`s, not the pictures. Null: no init segment or no whole fragment. What is torn or damaged
 * at the end (a kill, a full disk) ends the index, it is no error.
 */
export async function scanRingFile(path: string): Promise<RingFileIndex | null> {
  const file = await open(path, 'r')
  try {
    return await scanOpenRingFile(path, file)
  } finally {
    await file.close()
  }
}

/** The same of a file that is open: also when it gets another name, or none, in the meantime. */
export async function scanOpenRingFile(path: string, file: FileHandle): Promise<RingFileIndex | null> {
  const { size } = await file.stat()
  const window = createWindow(file, size)
  let track: TrackFacts | null = null
  let initBytes = 0
  let reference: ReferenceTime | null = null
  const frames: RingFrame[] = []
  let usable = 0
  let moof: { at: number; bytes: number } | null = null

  for (let at = 0; at + 8 <= size; ) {
    const head = await window(at, 8)
    const bytes = head.readUInt32BE(0)
    const type = head.toString('latin1', 4, 8)
    if (bytes < 8 || at + bytes > size) break
    if (type === 'moov') {
      initBytes = at + bytes
      track = tryRead(parseInit, await window(0, initBytes))
      if (!track) break
    } else if (type === 'prft') {
      reference = readReferenceTime(await window(at, bytes))
    } else if (type === 'moof') {
      if (bytes > HEAD_BYTES) break
      moof = { at, bytes }
    } else if (type === 'mdat' && moof && track && reference) {
      const known = track
      const facts = tryRead(
        (head) => parseFragment(head, head.length, known),
        await window(moof.at, moof.bytes),
      )
      if (!facts) break
      const ticks = facts.decodeTime + facts.compositionOffset
      usable = at + bytes
      frames.push({
        ...{ offset: moof.at, bytes: usable - moof.at, key: facts.key, ticks },
        capturedAt: captureTime(reference, ticks, track.timescale),
      })
      moof = null
    }
    at += bytes
  }
  return track && frames.length > 0 ? { path, track, initBytes, frames, usable } : null
}

export const captureTime = (reference: ReferenceTime, ticks: number, timescale: number): EpochMs =>
  Math.round(reference.capturedAt + ((ticks - reference.mediaTicks) * 1000) / timescale)

function tryRead<T>(read: (bytes: Buffer) => T, bytes: Buffer): T | null {
  try {
    return read(bytes)
  } catch {
    // Damaged at this place: the file is good up to here.
    return null
  }
}

/** Reads ahead in blocks, so that headers that lie near each other cost one call. */
function createWindow(file: FileHandle, size: number): (at: number, bytes: number) => Promise<Buffer> {
  let block = Buffer.alloc(0)
  let from = 0
  return async (at, bytes) => {
    if (at < from || at + bytes > from + block.length) {
      from = at
      const wanted = Math.min(size - at, Math.max(bytes, HEAD_BYTES))
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, at)
      block = buffer.subarray(0, bytesRead)
    }
    const part = block.subarray(at - from, at - from + bytes)
    if (part.length < bytes) throw new Error(`the file ended at ${at + part.length} of ${size} bytes`)
    return part
  }
}
