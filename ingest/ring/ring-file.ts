import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../../core/units.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import { ringFileName } from './file-name.ts'
import { referenceTimeBox } from './wall-clock-box.ts'

/** A file of the ring that grows: init, then whole fragments from a key frame on. Never rewritten. */
export interface RingFile {
  readonly path: string
  readonly connection: EpochMs
  readonly from: EpochMs
  /** Capture time of the latest frame in the file. */
  readonly to: EpochMs
  readonly bytes: number
  /** Writes whole fragments. After a failure the file ends with the last whole fragment, and only `close` is of use. */
  append(fragments: readonly Fragment[]): Promise<void>
  /** Gives it its final name; the path, or null when it held no frame and is gone. */
  close(): Promise<string | null>
}

/** Offsets between media and capture time that differ by less are the same one, rounded. */
const SAME_OFFSET_MS = 1

export async function createRingFile(
  folder: string,
  init: InitSegment,
  connection: EpochMs,
  first: Fragment,
): Promise<RingFile> {
  const from = Math.round(first.capturedAt)
  const path = join(folder, ringFileName({ connection, from, to: null }))
  const handle = await open(path, 'wx', 0o640)
  let offsetMs: number | null = null
  let bytes = 0
  let to = from
  let frames = 0

  /** Written in one call; a torn tail is cut off again. */
  async function write(parts: readonly Uint8Array[]): Promise<void> {
    try {
      await writeAll(handle, parts)
    } catch (error) {
      await handle.truncate(bytes)
      throw error
    }
    for (const part of parts) bytes += part.length
  }

  function withReference(fragment: Fragment): Uint8Array[] {
    const offset = fragment.capturedAt - fragment.mediaMs
    if (offsetMs !== null && Math.abs(offset - offsetMs) < SAME_OFFSET_MS) return [fragment.bytes]
    offsetMs = offset
    const { capturedAt, mediaMs } = fragment
    return [referenceTimeBox({ capturedAt, mediaTicks: (mediaMs * init.timescale) / 1000 }), fragment.bytes]
  }

  return {
    path,
    connection,
    from,
    get to() {
      return to
    },
    get bytes() {
      return bytes
    },
    async append(fragments) {
      const parts = bytes === 0 ? [init.bytes] : []
      for (const fragment of fragments) parts.push(...withReference(fragment))
      await write(parts)
      frames += fragments.length
      for (const fragment of fragments) to = Math.max(to, Math.round(fragment.capturedAt))
    },
    async close() {
      await handle.close()
      if (frames === 0) {
        await unlink(path)
        return null
      }
      const closed = join(folder, ringFileName({ connection, from, to }))
      await rename(path, closed)
      return closed
    },
  }
}

/** `writev` may write less than it was given: on a disk that fills up it does, before it fails. */
async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  const whole = Buffer.concat(parts)
  for (let at = 0; at < whole.length; ) {
    const { bytesWritten } = await handle.write(whole, at, whole.length - at)
    at += bytesWritten
  }
}
